"""ELAN's EAF 3.0.

Read `document` (the XML and its identifiers), `reading` (tiers → tracks), `writing` (tracks → tiers), which uses
`tiers` (those of one track) and `vocabularies`.

Writing applies differences to a document: to an empty one, or to the file that the timeline was read from. What no
track holds (lexicons, reference links, licences, attributes of others) is therefore written again as it was.
"""

from pathlib import Path

from affekt_exchange.files import write_whole
from affekt_exchange.formats.elan.document import Document
from affekt_exchange.formats.elan.reading import read
from affekt_exchange.formats.elan.writing import apply
from affekt_exchange.timeline import Timeline


class Elan:
    """Tiers with controlled vocabularies, annotators and evidence."""

    def write(self, timeline: Timeline, target: Path) -> list[Path]:
        """Writes one `.eaf`.

        Raises:
            DataError: a span was added to a tier whose times are those of its parent, and no parent has them.
        """
        path = target.with_name(f"{target.name}.eaf")
        base = timeline.documents.get("elan")
        document = Document.parse(base) if base else Document.empty()
        apply(timeline, document)
        write_whole(path, document.to_bytes())
        return [path]

    def read(self, path: Path) -> Timeline:
        """The timeline of a file, with the file itself for what no track holds.

        Raises:
            ExchangeError: it is no EAF, or holds too much.
        """
        return read(Document.open(path))
