"""Three middlewares of FastAPI: permissions, refusals, and the answer to unexpected errors."""

from typing import Annotated

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from pydantic import AfterValidator, HttpUrl, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, NoDecode
from starlette.middleware.gzip import GZipMiddleware

from shared.problems import install_problem_handlers, problem

from . import routes

URL = TypeAdapter(HttpUrl)


def check_origins(text: str) -> str:
    for origin in filter(None, map(str.strip, text.split(","))):
        if (
            "*" in origin
            or origin.count("/") > 2
            or origin != str(URL.validate_python(origin)).removesuffix("/")
        ):
            raise ValueError("not an origin")
    return text


def check_suffix(text: str) -> str:
    if text:
        check_origins(f"https://www{text}")
        if not text.startswith(".") or "." in text[-1]:
            raise ValueError("not a suffix")
    return text


class Settings(BaseSettings):
    cors_origins: Annotated[str, NoDecode, AfterValidator(check_origins)] = (
        "https://shop.example,https://till.example"
    )
    cors_origin_suffix: Annotated[str, AfterValidator(check_suffix)] = ".shop.example"


settings = Settings()
origins = [origin.strip() for origin in settings.cors_origins.split(",")]


def is_trusted(origin: str) -> bool:
    if origin in origins and origin:
        return True
    try:
        url = URL.validate_python(origin)
    except ValidationError:
        return False
    suffix = settings.cors_origin_suffix
    host = url.host or ""
    return bool(suffix) and origin == f"https://{host}" and host.endswith(suffix) and host != suffix


class Cors(CORSMiddleware):
    def is_allowed_origin(self, origin: str) -> bool:
        return is_trusted(origin)


app = FastAPI()
app.include_router(routes.router)
install_problem_handlers(app)


@app.middleware("http")
async def answer_unexpected_errors(request: Request, call_next):
    try:
        return await call_next(request)
    except Exception:
        return problem(500, "Something went wrong on our side.")


app.add_middleware(GZipMiddleware)


@app.middleware("http")
async def refuse_writes(request: Request, call_next):
    origin = request.headers.get("Origin")
    if request.method in ("GET", "HEAD", "OPTIONS") or origin is None:
        return await call_next(request)
    if is_trusted(origin) or origin == f"{request.url.scheme}://{request.url.netloc}":
        return await call_next(request)
    return problem(403, "This page may not write.")


app.add_middleware(
    Cors,
    allow_credentials=True,
    allow_methods=["DELETE", "GET", "POST", "PUT"],
    allow_headers=["authorization", "content-type"],
    expose_headers=["x-total-count"],
    max_age=3600,
)
