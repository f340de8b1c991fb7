"""What can go wrong with tasks, in the words of the domain; `main.py` gives each error its status."""


class TaskNotFoundError(Exception):
    """There is no task with this id."""

    def __init__(self, task_id: int) -> None:
        super().__init__(f"There is no task {task_id}.")
