"""Assembles the shop's API; the settings are read in the lifespan, and kept in the app's state."""

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, Request

from shared.problems import install_problem_handlers

from .config import Config, read_environment


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.config = read_environment()
    yield


app = FastAPI(title="Shop", lifespan=lifespan)
install_problem_handlers(app)


def get_config(request: Request) -> Config:
    config: Config = request.app.state.config
    return config


ConfigDep = Annotated[Config, Depends(get_config)]


def signed(key: bytes, order_id: int) -> dict[str, object]:
    return {"order_id": order_id, "signature": hmac.digest(key, b"%d" % order_id, "sha256").hex()}


@app.get("/config")
async def show(config: ConfigDep) -> dict[str, object]:
    secrets = {
        name.lower(): config.status(name) for name in ("SECRET_KEY", "DATABASE_URL", "PAYMENT_API_KEY")
    }
    plain = {name: getattr(config, name) for name in ("app_env", "shop_name", "page_size", "guest_orders")}
    return plain | secrets


@app.get("/orders/{order_id}/link")
async def link(order_id: int, config: ConfigDep) -> dict[str, object]:
    return signed(config.secret_key, order_id)


@app.get("/orders/{order_id}/payment")
async def payment(order_id: int, config: ConfigDep) -> dict[str, object]:
    return signed(config.payment_api_key, order_id)


@app.get("/crash")
async def crash(config: ConfigDep) -> None:
    raise TimeoutError(f"{urlsplit(config.database_url).hostname} is silent; {config}")
