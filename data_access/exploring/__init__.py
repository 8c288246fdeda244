"""自由筛选: any question about the facts, as counts by any dimension and as the rows behind them."""
