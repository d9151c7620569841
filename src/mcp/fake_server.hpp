// For the tests of mcp: a server made of functions, behind the Transport interface, under virtual
// time. A handler by method gives the result or an error; what is not handled is answered by
// "method not found", and `silent` methods never.
#pragma once

#include <deque>
#include <set>

#include <gtest/gtest.h>

#include "mcp/call.hpp"
#include "mcp/connector.hpp"
#include "mcp/lists.hpp"
#include "mcp/protocol.hpp"
#include "mcp/subscriptions.hpp"
#include "runtime/testing.hpp"

namespace telltale::mcp {

using namespace std::chrono_literals;
using base::Json;
using base::JsonArray;
using base::JsonObject;

inline base::Error rpc_failure(std::int64_t code, std::string message = "no",
                               JsonObject data = {}) {
  JsonObject error{{"code", code}, {"message", message}};
  if (!data.empty()) error["data"] = std::move(data);
  return error_of(error);
}

class FakeServer {
 public:
  using Handler = std::function<base::Result<JsonObject>(const JsonObject& params)>;

  std::map<std::string, Handler> handlers;
  std::set<std::string> silent;
  std::deque<JsonObject> received;  // requests, notifications and responses of the client, in order
  std::set<std::int64_t> abandoned;
  std::vector<TransportKind> opened;
  std::string ends_on;    // the process ends when this method comes
  int lost_sessions = 0;  // answer that many requests with "session lost"
  int closed = 0;
  int ready = 0;
  Era era = Era::legacy;
  std::string version;
  TransportListener* listener = nullptr;
  runtime::Loop* loop = nullptr;

  void say(JsonObject message) { listener->on_text(base::write_json(message), "fake.not-json"); }
  void say_text(std::string_view text) { listener->on_text(text, "fake.not-json"); }
  void notify(std::string_view method, JsonObject params = {}) {
    say(notification_message(method, std::move(params)));
  }

  std::vector<JsonObject> all(std::string_view method) const {
    std::vector<JsonObject> out;
    for (const auto& message : received)
      if (base::string_or(message, "method") == method) out.push_back(message);
    return out;
  }
  std::size_t count(std::string_view method) const { return all(method).size(); }
  static std::int64_t id_of(const JsonObject& message) {
    return message.at("id").to_number<std::int64_t>();
  }

  void modern(JsonObject capabilities = {{"tools", JsonObject()}}) {
    handlers["server/discover"] = [capabilities](const JsonObject&) -> base::Result<JsonObject> {
      return JsonObject{{"supportedVersions", {kModernVersion}},
                        {"capabilities", capabilities},
                        {"instructions", "be kind"},
                        {"_meta", {{meta::kServerInfo, {{"name", "fake"}, {"version", "1"}}}}}};
    };
  }
  void legacy(std::string agreed = std::string(kNewestLegacy),
              JsonObject capabilities = {{"tools", JsonObject()}}) {
    handlers["initialize"] = [agreed, capabilities](const JsonObject&) -> base::Result<JsonObject> {
      return JsonObject{{"protocolVersion", agreed},
                        {"capabilities", capabilities},
                        {"serverInfo", {{"name", "fake"}}}};
    };
    handlers["ping"] = [](const JsonObject&) -> base::Result<JsonObject> { return JsonObject(); };
  }

  void take(const JsonObject& message) {
    received.push_back(message);
    const auto method = base::string_or(message, "method");
    if (!ends_on.empty() && method == ends_on) {
      return listener->on_closed(
          {.code = base::Code::unavailable, .detail = "the process exited with code 1"});
    }
    if (method.empty() || !message.contains("id") || silent.contains(method)) return;
    const auto id = id_of(message);
    if (lost_sessions > 0 && method != "initialize") {
      --lost_sessions;
      base::Error lost{.code = base::Code::remote, .detail = "HTTP 404"};
      lost.data["http_status"] = 404;
      lost.data["session_lost"] = true;
      return listener->on_failed(id, std::move(lost));
    }
    const auto* params = base::find_object(message, "params");
    const auto handler = handlers.find(method);
    auto outcome =
        handler == handlers.end()
            ? base::Result<JsonObject>(std::unexpected(rpc_failure(rpc::kMethodNotFound)))
            : handler->second(params == nullptr ? JsonObject() : *params);
    if (outcome) return say(result_message(id, std::move(*outcome)));
    if (const auto* error = base::find_object(outcome.error().data, "rpc"))
      return say({{"jsonrpc", "2.0"}, {"id", id}, {"error", *error}});
    listener->on_failed(id, outcome.error());
  }
};

class FakeTransport final : public Transport {
 public:
  FakeTransport(std::shared_ptr<FakeServer> server, runtime::Loop& loop, TransportKind kind,
                TransportListener& listener)
      : server_(std::move(server)), loop_(loop), kind_(kind) {
    server_->listener = &listener;
    server_->loop = &loop;
    server_->opened.push_back(kind);
  }
  runtime::TaskResult<bool> open() override { co_return true; }
  base::Result<void> send(std::string text, SendHints hints) override {
    const JsonObject message = base::parse_json(text)->as_object();
    last_hints = std::move(hints);
    loop_.post([server = server_, alive = std::weak_ptr(alive_), message] {
      if (!alive.expired()) server->take(message);
    });
    return {};
  }
  void abandon(std::int64_t id) override { server_->abandoned.insert(id); }
  void set_version(Era era, std::string version) override {
    server_->era = era;
    server_->version = std::move(version);
  }
  void session_ready() override { ++server_->ready; }
  runtime::Task<> close(base::Duration) override {
    ++server_->closed;
    alive_.reset();
    co_return;
  }
  TransportKind kind() const override { return kind_; }

  SendHints last_hints;

 private:
  std::shared_ptr<FakeServer> server_;
  runtime::Loop& loop_;
  TransportKind kind_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

class SessionTest : public ::testing::Test {
 protected:
  ~SessionTest() override {
    if (session) test.run(session->close(1s));
  }

  void make(TransportKind kind = TransportKind::stdio) {
    listener.on_finding = [this](const Finding& found) { findings.push_back(found.rule); };
    listener.on_closed = [this](const base::Error& why) { closed_because.push_back(why.detail); };
    listener.on_list_changed = [this](std::string_view list) { changed.emplace_back(list); };
    listener.on_resource_updated = [this](std::string_view uri) { updated.emplace_back(uri); };
    const auto factory = [this](TransportKind wanted,
                                TransportListener& hears) -> std::unique_ptr<Transport> {
      auto made = std::make_unique<FakeTransport>(server, test.loop(), wanted, hears);
      transport = made.get();
      return made;
    };
    session = std::make_shared<Session>(test.loop(), kind, factory, settings, listener);
  }
  base::Result<SessionInfo> connect() { return test.run(mcp::connect(session)); }
  // Over HTTP with the modern era, or stdio with the legacy one, connected.
  void connect_modern(JsonObject capabilities = {{"tools", JsonObject()}}) {
    server->modern(std::move(capabilities));
    make(TransportKind::http);
    const auto info = connect();
    ASSERT_TRUE(info.has_value()) << info.error().detail;
    ASSERT_EQ(info->era, Era::modern);
  }
  void connect_legacy(JsonObject capabilities = {{"tools", JsonObject()}},
                      TransportKind kind = TransportKind::stdio) {
    server->legacy(std::string(kNewestLegacy), std::move(capabilities));
    make(kind);
    const auto info = connect();
    ASSERT_TRUE(info.has_value()) << info.error().detail;
    ASSERT_EQ(info->era, Era::legacy);
  }
  base::Result<JsonObject> call(std::string method, JsonObject params = {},
                                CallOptions options = {}) {
    return test.run(mcp::call(session, std::move(method), std::move(params), std::move(options)));
  }
  using Started = std::shared_ptr<std::optional<base::Result<JsonObject>>>;
  // Starts a call; its outcome appears in the result.
  Started spawn(std::string method, JsonObject params = {}, CallOptions options = {}) {
    auto out = std::make_shared<std::optional<base::Result<JsonObject>>>();
    tasks.spawn(
        "call",
        keep(mcp::call(session, std::move(method), std::move(params), std::move(options)), out));
    return out;
  }
  Started start(std::string method, JsonObject params = {}, CallOptions options = {}) {
    auto out = spawn(std::move(method), std::move(params), std::move(options));
    test.settle();
    return out;
  }
  static runtime::Task<> keep(runtime::TaskResult<JsonObject> work, Started out) {
    out->emplace(co_await std::move(work));
  }
  bool found(std::string_view rule) const {
    return std::ranges::find(findings, rule) != findings.end();
  }

  runtime::TestLoop test;
  runtime::TaskGroup tasks{test.loop(), "test"};
  std::shared_ptr<FakeServer> server = std::make_shared<FakeServer>();
  FakeTransport* transport = nullptr;
  ClientSettings settings;
  Listener listener;
  std::shared_ptr<Session> session;
  std::vector<std::string> findings;
  std::vector<std::string> closed_because;
  std::vector<std::string> changed;
  std::vector<std::string> updated;
};

}  // namespace telltale::mcp
