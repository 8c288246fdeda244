"""What Streamlit says in English alone, most of it to who does not see the page, in Chinese: it has no setting for it."""

from __future__ import annotations

# By its words; {} stands for what differs. The browser puts those in the place of these (``ui/browser/navigation.js``).
CHINESE = {
    "Skip to main content": "跳到正文",
    "Sidebar": "侧栏",
    "Collapse sidebar": "收起侧栏",
    "Expand sidebar": "展开侧栏",
    "Open": "展开选项",
    "Close": "关闭",
    "Clear all": "全部清除",
    "Clear value": "清除",
    "Choose an option": "请选择",
    "Choose options": "请选择",
    "Selected values": "已选",
    "Increment": "增加",
    "Decrement": "减少",
    "Search": "搜索",
    "Fullscreen": "全屏",
    "Close fullscreen": "退出全屏",
    "Show/hide columns": "显示或隐藏列",
    "Add row": "加一行",
    "Delete row(s)": "删除所选行",
    "Clear selection": "取消选择",
    "Help for {}": "说明：{}",
    "Remove {}": "去掉{}",
}
