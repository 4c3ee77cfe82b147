"""An OpenAI-compatible endpoint: where it is, how patiently it is asked, and what can go wrong."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import openai
from affekt import AffektError, OptionsError
from pydantic import BaseModel, ConfigDict, Field

LOCAL_KEY = "none"
"""What local servers are told, which look at no key."""


class EndpointFailed(AffektError):
    """An endpoint gave no answer; `kind` is "rate_limit", "timeout", "unreachable" or "server"."""

    kind: str = "server"


class EndpointRefused(AffektError):
    """An endpoint refuses the key, the model or the question: asking again would not help."""


class Endpoint(BaseModel):
    """Options of every component that asks one."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    model: str = Field(description="As the endpoint names it")
    base_url: str = Field(default="https://api.openai.com/v1", description="Any compatible endpoint, also a local one")
    key_from: str = Field(default="OPENAI_API_KEY", description="Environment variable of the key; never the key itself")
    timeout: float = Field(default=60.0, gt=0, description="Seconds to wait for an answer")
    retries: int = Field(default=4, ge=0, description="On rate limits, timeouts and failing servers, ever more slowly")
    temperature: float = Field(default=0.0, ge=0, description="0 takes the likeliest words")
    max_tokens: int = Field(default=512, ge=1, description="Length of an answer, at most")

    def client(self) -> openai.OpenAI:
        """The client. It keeps connections: close it when done.

        Raises:
            OptionsError: the environment holds no key, and the endpoint is not a local one.
        """
        key = os.environ.get(self.key_from) or (LOCAL_KEY if self._is_local() else None)
        if key is None:
            raise OptionsError(
                f'{self.base_url} needs a key, and the environment variable "{self.key_from}" is empty',
                hint=f"export {self.key_from}=…, or a local endpoint's base_url",
            )
        return openai.OpenAI(api_key=key, base_url=self.base_url, timeout=self.timeout, max_retries=self.retries)

    def _is_local(self) -> bool:
        return any(f"//{host}" in self.base_url for host in ("localhost", "127.0.0.1", "[::1]", "0.0.0.0"))

    def ask(self, client: openai.OpenAI, content: Sequence[dict[str, Any]], system: str | None = None) -> str:
        """The answer to one question; nothing when the model says nothing.

        Args:
            content: parts as the chat API takes them: text and image_url.

        Raises:
            EndpointFailed: no answer after all retries.
            EndpointRefused: the key, the model or the question is not accepted.
        """
        messages: list[dict[str, Any]] = [{"role": "system", "content": system}] if system else []
        messages.append({"role": "user", "content": list(content)})
        return self.converse(client, messages, self.max_tokens)

    def converse(self, client: openai.OpenAI, messages: Sequence[dict[str, Any]], most: int) -> str:
        """What the model says next in a conversation; nothing when it says nothing.

        Args:
            messages: as the chat API takes them.
            most: tokens.

        Raises:
            EndpointFailed: no answer after all retries.
            EndpointRefused: the key, the model or the question is not accepted.
        """
        with _told(self.base_url):
            reply: Any = client.chat.completions.create(
                model=self.model, messages=list(messages), temperature=self.temperature, max_tokens=most  # type: ignore[arg-type]
            )  # fmt: skip
        # A page of HTML with status 200 is handed through as text, so that callers can count it as what it is.
        if isinstance(reply, str):
            return reply
        choices = getattr(reply, "choices", None) or []
        return str(choices[0].message.content or "") if choices and choices[0].message else ""


@contextmanager
def _told(where: str) -> Iterator[None]:
    """The library's errors as affekt's."""
    try:
        yield
    except openai.RateLimitError as error:
        raise _failed(f"{where} is asked too often: {error}", "rate_limit") from error
    except openai.APITimeoutError as error:
        raise _failed(f"{where} did not answer in time: {error}", "timeout") from error
    except openai.APIConnectionError as error:
        raise _failed(f"{where} cannot be reached: {error}", "unreachable") from error
    except openai.InternalServerError as error:
        raise _failed(f"{where} failed: {error}", "server") from error
    except openai.APIStatusError as error:
        raise EndpointRefused(f"{where} refuses: {error}", hint="the model's name, the key, base_url") from error
    except openai.OpenAIError as error:
        raise _failed(f"{where} answered something else: {error}", "server") from error
    except ValueError as error:  # JSON that is none
        raise _failed(f"{where} answered what is not JSON: {error}", "server") from error


def _failed(message: str, kind: str) -> EndpointFailed:
    error = EndpointFailed(message, hint="retries, timeout")
    error.kind = kind
    return error


def asking(endpoint: Endpoint, client: openai.OpenAI) -> Callable[[str], str]:
    """A function that asks in plain text."""
    return lambda prompt: endpoint.ask(client, [{"type": "text", "text": prompt}])
