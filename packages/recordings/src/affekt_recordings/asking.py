"""Questions about a recording that was analysed, answered in words by the pipeline's reasoner.

    analysis = pipeline.analyze("clip.mp4")
    print(ask(pipeline, analysis, task="voice").text)
    print(ask(pipeline, analysis, "Why does she hesitate?").text)

A reasoner that answers has a method `answer(analysis, question, task)`; where it answers tasks but no free questions,
its `answers_questions` is False.
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from affekt import Clue, DataError, Pipeline

from affekt_recordings.analysis import Analysis

Task = Literal["emotion", "reason", "voice", "face"]
"""What is analysis; why; what the voice shows by itself; what the face shows by itself."""
TASKS: tuple[Task, ...] = get_args(Task)


@dataclass(frozen=True, kw_only=True)
class TextAnswer:
    """An answer in words, and what it rests on."""

    text: str
    clues: tuple[Clue, ...] = ()
    """What the answer claims of the recording; `checked` where the evidence bears it out."""
    struck: tuple[str, ...] = ()
    """Parts of what the model wrote that the evidence does not bear out, and that the text therefore leaves out."""


def ask(pipeline: Pipeline, analysis: Analysis, question: str | None = None, *, task: Task = "reason") -> TextAnswer:
    """The reasoner's answer to a question about a recording, or to one of `TASKS`.

    Args:
        analysis: what `pipeline.analyze` returned.
        question: free words; None asks for the task alone.

    Raises:
        DataError: there is no such task; the question is empty; or the reasoner answers no (free) questions.
    """
    require_answers(pipeline, question, task)
    reasoner: Any = pipeline.reasoner
    answer: TextAnswer = reasoner.answer(analysis, question, task)
    return answer


def require_answers(pipeline: Pipeline, question: str | None, task: str) -> None:
    """Refuses, before anything is analysed, what the pipeline's reasoner cannot answer.

    Raises:
        DataError: as `ask` does.
    """
    if task not in TASKS:
        raise DataError(f'there is no task "{task}"', hint=f"one of {', '.join(TASKS)}")
    if question is not None and not question.strip():
        raise DataError("the question is empty", hint=f"a question in words, or one of the tasks {', '.join(TASKS)}")
    reasoner = type(pipeline.reasoner).__name__
    if not callable(getattr(pipeline.reasoner, "answer", None)):
        raise DataError(f"the reasoner {reasoner} answers no questions", hint='a pipeline around "emotion-llama"')
    if question is not None and not getattr(pipeline.reasoner, "answers_questions", True):
        raise DataError(
            f"the model of {reasoner} only learnt to name and explain emotions, and answers no free questions",
            hint=f"one of its tasks ({', '.join(TASKS)}), or a larger model: reasoner.model=…",
        )
