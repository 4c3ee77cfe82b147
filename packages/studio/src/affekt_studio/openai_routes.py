"""x"""

from fastapi import APIRouter

router = APIRouter()
PREFIX = "/v1/audio/"


def error_of(body):
    return body
