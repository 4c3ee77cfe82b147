"""The formats of this distribution and what each keeps; imported to list them, so free of their libraries."""

from affekt_exchange.losses import ASPECTS
from affekt_exchange.registry import FormatInfo

ALL = frozenset(ASPECTS)

ELAN = FormatInfo(
    name="elan",
    target="affekt_exchange.formats.elan:Elan",
    summary="ELAN 3.0: tiers with controlled vocabularies, annotators and evidence; edits come back",
    suffixes=(".eaf",),
    keeps=ALL - {"times", "duration"},
    approximates={
        "times": "a span without length lasts one millisecond",
        "duration": "a millisecond longer where such a span is at the end",
    },
)
TEXTGRID = FormatInfo(
    name="textgrid",
    target="affekt_exchange.formats.textgrid:TextGrid",
    summary="Praat TextGrid: an interval tier a track, a point tier for spans without length",
    suffixes=(".TextGrid",),
    keeps=frozenset(),
    approximates={
        "duration": "one millisecond where the recording has no length",
        "labels": "blanks at their ends go",
        "tracks": "quotation marks and numbers for what overlaps; a track without spans is lost",
    },
)
SRT = FormatInfo(
    name="srt",
    target="affekt_exchange.formats.srt:SubRip",
    summary="SubRip subtitles: the words, and every other label as [track] label",
    suffixes=(".srt",),
    keeps=frozenset({"spans"}),
    approximates={
        "times": "a span without length lasts one millisecond",
        "labels": "line breaks become blanks, marks for style go",
        "duration": "the end of the last span",
    },
)
VTT = FormatInfo(
    name="vtt",
    target="affekt_exchange.formats.webvtt:WebVtt",
    summary="WebVTT captions with who speaks, and beside them a metadata track with everything as JSON",
    suffixes=(".metadata.vtt", ".vtt"),
    keeps=ALL,
)
EMOTIONML = FormatInfo(
    name="emotionml",
    target="affekt_exchange.formats.emotionml:EmotionMl",
    summary="W3C EmotionML 1.0: emotions and dimensions with an inline vocabulary; other tracks are lost",
    suffixes=(".emotionml",),
    keeps=frozenset({"media", "duration", "provenance"}),
)
RTTM = FormatInfo(
    name="rttm",
    target="affekt_exchange.formats.rttm:Rttm",
    summary="NIST RTTM: who speaks when; nothing else",
    suffixes=(".rttm",),
    keeps=frozenset(),
)
CSV = FormatInfo(
    name="csv",
    target="affekt_exchange.formats.csv_table:CsvTable",
    summary="A row a span, guarded against spreadsheet formulas, with its schema beside it (CSVW)",
    suffixes=(".csv",),
    keeps=ALL,
)
PARQUET = FormatInfo(
    name="parquet",
    target="affekt_exchange.formats.parquet:Parquet",
    summary="A row a span, with schema version and models in the file",
    suffixes=(".parquet",),
    keeps=ALL,
)
AUDIOFOLDER = FormatInfo(
    name="audiofolder",
    target="affekt_exchange.formats.media_folder:MediaFolder",
    summary="Hugging Face AudioFolder or VideoFolder: the media, and metadata.jsonl with their tracks",
    suffixes=("metadata.jsonl",),
    keeps=ALL,
    folder=True,
)
CROISSANT = FormatInfo(
    name="croissant",
    target="affekt_exchange.formats.croissant:Croissant",
    summary="Croissant 1.1 over a table of spans, with the machine that wrote each label",
    suffixes=("croissant.json",),
    keeps=ALL,
    folder=True,
)
TIMELINE = FormatInfo(
    name="timeline",
    target="affekt_exchange.formats.timeline_json:TimelineJson",
    summary="affekt's own JSON of a timeline, with what other tools wrote and no track holds",
    suffixes=(".timeline.json",),
    keeps=ALL,
)
