from affekt_opensmile.encoder import OpenSmileEncoder
from affekt_testing import EncoderSuite


class TestFunctionals(EncoderSuite):
    component = OpenSmileEncoder


class TestDescriptors(EncoderSuite):
    component = OpenSmileEncoder
    options = {"level": "descriptors"}
