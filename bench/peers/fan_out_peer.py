# Fan-out as a FastAPI program does it: a token check at the upgrade, one send a message and client. Publishing: POST / with one message a
# line.
import os
import resource

from fastapi import FastAPI, Request, WebSocket, WebSocketDisconnect

hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
token = os.environ["BENCH_TOKEN"]
app = FastAPI()
clients = set()


@app.get("/")
async def ready():
    return {}


@app.post("/")
async def publish(request: Request):
    text = (await request.body()).decode()
    for message in text.split("\n"):
        for client in list(clients):
            await client.send_text(message)
    return {}


@app.websocket("/ws")
async def subscribe(socket: WebSocket):
    if socket.headers.get("authorization") != f"Bearer {token}":
        return await socket.close(4401)
    await socket.accept()
    clients.add(socket)
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        clients.discard(socket)
