"""`affekt ask`: a question about a recording, or one of four tasks."""

from typing import Annotated

import typer

from affekt_cli.settings import PIPELINE_HELP, SETTING_HELP, read_spec, without_speaker


def ask(
    clip: Annotated[str, typer.Argument(metavar="CLIP", help="The recording to ask about.")],
    question: Annotated[
        str | None,
        typer.Argument(help="A question in words, for models that answer them.", show_default="the task alone"),
    ] = None,
    task: Annotated[
        str, typer.Option(metavar="emotion|reason|voice|face", help="What to tell: the emotion, why, or one modality.")
    ] = "reason",
    pipeline: Annotated[str, typer.Option("--pipeline", "-p", help=PIPELINE_HELP)] = "default",
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help=SETTING_HELP)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document, nothing else on stdout.")] = False,
) -> None:
    """Ask about a recording: a free question where the model can answer one, else what is felt, why, by voice or face.

    What the model claims is looked up in the recording, and what is contradicted is left out.
    """
    from dataclasses import asdict

    from affekt_recordings.asking import ask as asked
    from affekt_recordings.asking import require_answers

    from affekt_cli.analyze import analyze_one
    from affekt_cli.answering import answers_only, print_json
    from affekt_cli.needs import of_pipeline, pull

    with answers_only(as_json) as answers:
        spec = without_speaker(read_spec(pipeline, settings or ()))
        running = spec.build()
        require_answers(running, question, task)
        pull(of_pipeline(spec))
        answer = asked(running, analyze_one(running, clip), question, task=task)  # type: ignore[arg-type]
        if as_json:
            document = {
                "source": clip,
                "question": question,
                "task": task,
                "text": answer.text,
                "clues": [asdict(clue) for clue in answer.clues],
                "struck": list(answer.struck),
            }
            print_json(document, answers, several=False)
        else:
            typer.echo(answer.text)
