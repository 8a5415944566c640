"""Capture: what runs inside a task process. It never hurts the task: not its state, not its duration.

* A hook builds a record (`task`, `dag_run`: plain values, `model.record`) and appends it to the spool. That is all.
* What waits in the spool is handed over to the log later: by the worker that drains it, or, where none does, by the
  task process itself once its state is reported, under a lock, within a deadline, and not at all while the store is
  known to be down.
* Standard library only. Airflow's own objects are looked at, its session, its Variables and its forks left alone.

Nothing in here may raise through a hook: `listener` sees to that, and counts what went wrong.
"""
