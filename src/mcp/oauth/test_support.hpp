// For the tests of OAuthClient: an MCP server and an authorization server on loopback, kind ones
// until a test changes what they say, and a person who consents.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "mcp/oauth/client.hpp"
#include "mcp/oauth/form.hpp"
#include "net/http_server.hpp"
#include "net/test_support.hpp"

namespace telltale::mcp::oauth {

using namespace std::chrono_literals;
using base::JsonArray;
using base::JsonObject;
using net::Request;
using net::Response;
using runtime::TaskResult;

inline Response json(JsonObject body, int status = 200) {
  Response out{.status = status, .body = base::write_json(body)};
  out.headers.set("content-type", "application/json");
  return out;
}

class Site {
 public:
  std::map<std::string, std::function<Response(const Request&)>> routes;
  std::vector<Request> seen;
  std::string url;
  std::unique_ptr<net::HttpServer> server;

  void open(runtime::Loop& loop) {
    server = std::move(*net::HttpServer::open({.port = 0}, {&loop}, [this](Request request) {
      return answer(this, std::move(request));
    }));
    server->start();
    url = "http://127.0.0.1:" + std::to_string(server->port());
  }
  std::vector<Request> all(const std::string& path) const {
    std::vector<Request> out;
    for (const auto& one : seen)
      if (one.path == path) out.push_back(one);
    return out;
  }
  std::string form_value(std::size_t index, std::string_view name) const {
    const auto form = *read_form(all("/token").at(index).body);
    for (const auto& [key, value] : form)
      if (key == name) return value;
    return "(none)";
  }

 private:
  static runtime::Task<Response> answer(Site* self, Request request) {
    self->seen.push_back(request);
    const auto found = self->routes.find(request.path);
    co_return found == self->routes.end() ? Response{.status = 404} : found->second(request);
  }
};

class OAuthClientTest : public net::NetTest {
 protected:
  OAuthClientTest() {
    mcp_.open(loop());
    as_.open(loop());
    settings_.server_url = mcp_.url + "/mcp";
    settings_.identity.redirect_uri = "http://localhost:1/callback";
    settings_.load = [this]() { return give(stored_); };
    settings_.save = [this](JsonObject state) { return keep(this, std::move(state)); };
    resource_ = {{"resource", mcp_.url + "/mcp"}, {"authorization_servers", JsonArray{as_.url}}};
    metadata_ = {{"issuer", as_.url},
                 {"authorization_endpoint", as_.url + "/authorize"},
                 {"token_endpoint", as_.url + "/token"},
                 {"registration_endpoint", as_.url + "/register"},
                 {"code_challenge_methods_supported", JsonArray{"S256"}},
                 {"authorization_response_iss_parameter_supported", true}};
    mcp_.routes["/.well-known/oauth-protected-resource/mcp"] = [this](const Request&) {
      return json(resource_);
    };
    as_.routes["/.well-known/oauth-authorization-server"] = [this](const Request&) {
      return json(metadata_);
    };
    as_.routes["/register"] = [this](const Request&) {
      return json({{"client_id", "client-" + std::to_string(++registered_)}}, 201);
    };
    as_.routes["/token"] = [this](const Request&) { return json(token()); };
  }
  ~OAuthClientTest() override {
    run(stop(this));
    on_loop([this] {
      mcp_.server.reset();
      as_.server.reset();
    });
  }

  JsonObject token() {
    ++issued_;
    return {{"access_token", "access-" + std::to_string(issued_)},
            {"refresh_token", "refresh-" + std::to_string(issued_)},
            {"token_type", "Bearer"},
            {"expires_in", 3600}};
  }
  // A person who consents at once, and an authorization server that answers as it should.
  void consenting() {
    settings_.consent = [this](std::string url) { return consent(this, std::move(url)); };
  }
  static TaskResult<CallbackParameters> consent(OAuthClientTest* self, std::string url) {
    ++self->consents_;
    self->last_url_ = url;
    const auto query = *read_form(url.substr(url.find('?') + 1));
    CallbackParameters out{.code = "the-code", .iss = self->as_.url};
    for (const auto& [name, value] : query)
      if (name == "state") out.state = value;
    co_return out;
  }
  std::string asked(std::string_view name) const {
    for (const auto& [key, value] : *read_form(last_url_.substr(last_url_.find('?') + 1)))
      if (key == name) return value;
    return "(none)";
  }

  OAuthClient& client() {
    if (!client_) on_loop([this] { client_ = std::make_unique<OAuthClient>(loop(), settings_); });
    return *client_;
  }
  void restart() { run(end_client(this)); }
  Refusal refusal(int status = 401, std::string challenge = "Bearer") {
    return {.status = status,
            .challenges = {std::move(challenge)},
            .peer = boost::asio::ip::make_address("127.0.0.1"),
            .generation = proof().generation};
  }
  base::Result<bool> challenge(Refusal what) { return run(client().challenged(std::move(what))); }
  base::Result<bool> challenge() { return challenge(refusal()); }
  Proof proof() { return *run(client().headers("POST", settings_.server_url)); }
  std::string authorization() {
    return std::string(proof().headers.get_or("authorization", "(none)"));
  }
  std::string failure(const base::Result<bool>& result) {
    return result ? "no failure" : result.error().detail;
  }

  Site mcp_;
  Site as_;
  Settings settings_;
  JsonObject resource_;
  JsonObject metadata_;
  JsonObject stored_;
  std::string last_url_;
  std::unique_ptr<OAuthClient> client_;
  int registered_ = 0;
  int issued_ = 0;
  int consents_ = 0;

 private:
  static TaskResult<JsonObject> give(JsonObject value) { co_return value; }
  static TaskResult<bool> keep(OAuthClientTest* self, JsonObject state) {
    self->stored_ = std::move(state);
    co_return true;
  }
  static runtime::Task<> end_client(OAuthClientTest* self) {
    if (self->client_) co_await self->client_->close();
    self->client_.reset();
  }
  static runtime::Task<> stop(OAuthClientTest* self) {
    co_await end_client(self);
    co_await self->mcp_.server->stop(0ms);
    co_await self->as_.server->stop(0ms);
  }
};

}  // namespace telltale::mcp::oauth
