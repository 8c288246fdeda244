"""How files of petitions are read."""

from __future__ import annotations

from data_access.areas.petitions.tables import petition
from data_access.model.import_table import Columns, Field, ImportTable, begin_on_that_day


def _complete_petition(columns: Columns) -> None:
    begin_on_that_day(columns, "received_at", ("signed_at", "replied_at", "closed_at"))
    # Who answered was asked: sources often give the answers only, and the rollups count those called back.
    for answers in ("resolved", "satisfied"):
        if answers in columns:
            asked = columns.get("called_back", [None] * len(columns[answers]))
            pairs = zip(asked, columns[answers], strict=True)
            columns["called_back"] = [True if was is None and answer is not None else was for was, answer in pairs]


PETITIONS = ImportTable(
    "petitions",
    "群众诉求",
    "Petitions",
    petition,
    area="petitions",
    identity=("case_no",),
    # Some townships number their own cases: the same number received at another time is another case.
    same_when_moved="received_at",
    left_behind=("village_code", "grid_code"),
    complete=_complete_petition,
    fields=(
        Field(
            "case_no",
            "code",
            ("工单编号", "留言编号", "案件编号", "诉求编号", "信访编号", "受理编号", "工单号", "编号"),
            required=True,
        ),
        Field("channel", "text", ("诉求渠道", "受理渠道", "来源渠道", "诉求来源", "渠道", "来源")),
        Field("category_1", "text", ("一级分类", "一级类别", "诉求类别", "诉求分类")),
        Field("category_2", "text", ("二级分类", "二级类别")),
        Field("category_3", "text", ("三级分类", "三级类别")),
        Field("title", "free_text", ("诉求标题", "工单标题", "留言主题", "标题", "主题")),
        Field("text", "free_text", ("诉求内容", "工单内容", "留言详情", "诉求详情", "内容")),
        Field(
            "petitioner",
            "text",
            ("诉求人", "留言用户", "信访人", "来电人", "反映人", "诉求人姓名", "姓名"),
        ),
        Field("phone", "code", ("联系电话", "来电号码", "手机号码", "手机号", "手机", "电话", "联系方式")),
        Field(
            "township",
            "township",
            ("镇街", "乡镇街道", "镇街名称", "所属镇街", "责任镇街", "承办镇街", "乡镇(街道)"),
            column="township_code",
            required=True,
        ),
        Field("village", "village", ("村居", "村(居)", "村社区", "所属村居", "村庄", "社区"), column="village_code"),
        Field("grid", "code", ("网格编号", "所属网格", "网格"), column="grid_code"),
        Field(
            "received_at",
            "moment",
            ("受理时间", "留言时间", "诉求时间", "来电时间", "登记时间"),
            required=True,
            not_in_future=True,
        ),
        Field("signed_at", "moment", ("签收时间",), not_before="received_at", not_in_future=True),
        Field(
            "due_at",
            "moment",
            ("办理期限", "办结期限", "办结时限", "截止时间", "到期时间"),
            not_before="received_at",
            whole_day=True,
        ),
        Field("replied_at", "moment", ("答复时间", "回复时间"), not_before="received_at", not_in_future=True),
        Field(
            "closed_at",
            "moment",
            ("办结时间", "实际办结时间", "结案时间"),
            not_before="received_at",
            not_in_future=True,
        ),
        Field("department", "text", ("承办单位", "责任单位", "办理单位", "承办部门", "处理部门")),
        Field("status", "text", ("工单状态", "办理状态", "状态")),
        Field("called_back", "answer", ("是否回访", "回访")),
        Field("resolved", "answer", ("是否解决", "解决情况")),
        Field("satisfied", "answer", ("是否满意", "满意情况", "满意度")),
        Field("repeat_of", "code", ("原工单编号", "重复工单编号", "关联工单编号")),
        Field("invalid_reason", "text", ("无效原因", "作废原因")),
    ),
)
