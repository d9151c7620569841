# The same JSON behind a bearer token, as a FastAPI program does it.
import json
import os

from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer

body = json.load(open(os.environ["BENCH_JSON"]))
token = os.environ["BENCH_TOKEN"]
app = FastAPI()
bearer = HTTPBearer()


def checked(given=Depends(bearer)):
    if given.credentials != token:
        raise HTTPException(401)


@app.get("/healthz")
async def healthz():
    return {}


@app.get("/api/servers", dependencies=[Depends(checked)])
async def servers():
    return JSONResponse(body)
