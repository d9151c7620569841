// Finding the era and the handshake, against a server of functions.
#include "mcp/fake_server.hpp"

namespace telltale::mcp {
namespace {

class Connecting : public SessionTest {};

TEST_F(Connecting, ModernAtTheFirstQuestion) {
  server->modern({{"tools", JsonObject()}, {"prompts", JsonObject()}});
  make(TransportKind::http);
  const auto info = connect();
  ASSERT_TRUE(info);
  EXPECT_EQ(info->protocol_version, kModernVersion);
  EXPECT_EQ(info->instructions, "be kind");
  EXPECT_EQ(base::string_or(info->server_info, "name"), "fake");
  EXPECT_TRUE(info->has("prompts"));
  EXPECT_EQ(server->count("initialize"), 0U);
  const auto meta = server->all("server/discover").at(0).at("params").at("_meta").as_object();
  EXPECT_EQ(base::string_or(meta, meta::kVersion), kModernVersion);
  EXPECT_TRUE(meta.contains(meta::kClientInfo));
  EXPECT_TRUE(meta.at(meta::kClientCapabilities).as_object().contains("elicitation"));
}

TEST_F(Connecting, ModernAfterARefusedVersion) {
  server->modern();
  const auto discover = server->handlers["server/discover"];
  server->handlers["server/discover"] =
      [this, discover](const JsonObject& params) -> base::Result<JsonObject> {
    if (server->count("server/discover") > 1) return discover(params);
    return std::unexpected(
        rpc_failure(rpc::kUnsupportedVersion, "no", {{"supported", {kModernVersion}}}));
  };
  make();
  ASSERT_TRUE(connect());
  EXPECT_EQ(server->count("server/discover"), 2U);
  EXPECT_EQ(server->count("initialize"), 0U);
}

TEST_F(Connecting, GivesUpOnAServerThatContradictsItself) {
  server->legacy();
  server->handlers["server/discover"] = [](const JsonObject&) -> base::Result<JsonObject> {
    return std::unexpected(
        rpc_failure(rpc::kUnsupportedVersion, "no", {{"supported", {kModernVersion}}}));
  };
  make();
  const auto info = connect();
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, base::Code::protocol);
  EXPECT_EQ(server->count("server/discover"), 2U);
  EXPECT_EQ(server->count("initialize"), 0U);
}

TEST_F(Connecting, LegacyWhateverTheRefusal) {
  for (const int code : {-32601, -32602, -32000, -32603}) {
    findings.clear();
    server = std::make_shared<FakeServer>();
    server->legacy("2025-06-18");
    server->handlers["server/discover"] = [code](const JsonObject&) -> base::Result<JsonObject> {
      return std::unexpected(rpc_failure(code));
    };
    make();
    const auto info = connect();
    ASSERT_TRUE(info) << code;
    EXPECT_EQ(info->protocol_version, "2025-06-18");
    EXPECT_EQ(server->version, "2025-06-18");
    EXPECT_EQ(server->count("notifications/initialized"), 1U);
    EXPECT_EQ(server->count("notifications/cancelled"), 0U);
    EXPECT_FALSE(server->all("initialize").at(0).at("params").as_object().contains("_meta"));
    test.run(session->close(1s));
  }
}

TEST_F(Connecting, LegacyWhenTheProbeIsNotAnswered) {
  server->legacy();
  server->silent = {"server/discover"};
  make();
  const auto before = test.clock().now();
  ASSERT_TRUE(connect());
  EXPECT_GE(test.clock().now() - before, settings.probe_timeout);
  EXPECT_LT(test.clock().now() - before, settings.probe_timeout + 1s);
  // The answer that comes after all belongs to nobody.
  server->say(result_message(1, {{"supportedVersions", {kModernVersion}}}));
  EXPECT_TRUE(found("response.late"));
  EXPECT_EQ(session->info()->era, Era::legacy);
}

TEST_F(Connecting, LegacyWithANewProcessWhenTheProbeKillsTheFirst) {
  server->legacy();
  server->ends_on = "server/discover";
  make();
  ASSERT_TRUE(connect());
  EXPECT_EQ(server->opened.size(), 2U);
  EXPECT_EQ(server->closed, 1);
  EXPECT_TRUE(found("probe.server-exited"));
  EXPECT_TRUE(closed_because.empty());
}

TEST_F(Connecting, AProcessThatEndsAtOnceIsAnError) {
  server->ends_on = "initialize";
  settings.era = Era::legacy;
  make();
  const auto info = connect();
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, base::Code::unavailable);
  EXPECT_TRUE(closed_because.empty());  // who connects hears it by the result
}

TEST_F(Connecting, OffersTheVersionTheServerNames) {
  server->handlers["initialize"] = [](const JsonObject& params) -> base::Result<JsonObject> {
    if (base::string_or(params, "protocolVersion") == "2024-11-05")
      return JsonObject{{"protocolVersion", "2024-11-05"}, {"capabilities", JsonObject()}};
    return std::unexpected(rpc_failure(-32602, "version", {{"supported", {"2024-11-05"}}}));
  };
  make();
  const auto info = connect();
  ASSERT_TRUE(info);
  EXPECT_EQ(info->protocol_version, "2024-11-05");
  EXPECT_EQ(server->count("initialize"), 2U);
}

TEST_F(Connecting, RefusesAnUnknownVersion) {
  server->legacy("1999-12-31");
  make();
  const auto info = connect();
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, base::Code::protocol);
}

TEST_F(Connecting, FallsBackToTheOldSseTransport) {
  int refused = 0;
  server->handlers["initialize"] = [&](const JsonObject&) -> base::Result<JsonObject> {
    if (server->opened.back() == TransportKind::sse)
      return JsonObject{{"protocolVersion", "2024-11-05"}, {"capabilities", JsonObject()}};
    ++refused;
    base::Error error{.code = base::Code::remote, .detail = "HTTP 405"};
    error.data["http_status"] = 405;
    return std::unexpected(std::move(error));
  };
  make(TransportKind::http);
  const auto info = connect();
  ASSERT_TRUE(info);
  EXPECT_EQ(info->transport, TransportKind::sse);
  EXPECT_EQ(refused, 1);
}

TEST_F(Connecting, AnAuthorisationRefusalIsNoEra) {
  server->legacy();
  server->handlers["server/discover"] = [](const JsonObject&) -> base::Result<JsonObject> {
    base::Error error{.code = base::Code::unauthenticated, .detail = "HTTP 401"};
    error.data["http_status"] = 401;
    return std::unexpected(std::move(error));
  };
  make(TransportKind::http);
  const auto info = connect();
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, base::Code::unauthenticated);
  EXPECT_EQ(server->count("initialize"), 0U);
}

TEST_F(Connecting, RememberedLegacySkipsTheProbe) {
  server->legacy();
  settings.era = Era::legacy;
  make();
  ASSERT_TRUE(connect());
  EXPECT_EQ(server->count("server/discover"), 0U);
}

TEST_F(Connecting, RememberedLegacyThatIsModernNowIsFoundOut) {
  server->modern();
  settings.era = Era::legacy;
  make();
  const auto info = connect();
  ASSERT_TRUE(info);
  EXPECT_EQ(info->era, Era::modern);
}

TEST_F(Connecting, EndsWithinTheConnectLimit) {
  server->silent = {"server/discover", "initialize"};
  settings.connect_timeout = 12s;
  make();
  const auto before = test.clock().now();
  ASSERT_FALSE(connect());
  EXPECT_LE(test.clock().now() - before, 12s + 100ms);
}

TEST_F(Connecting, CloseDuringTheHandshakeEndsIt) {
  server->silent = {"server/discover", "initialize"};
  make();
  std::optional<base::Result<SessionInfo>> out;
  const auto keep = [](std::shared_ptr<Session> with,
                       std::optional<base::Result<SessionInfo>>* result) -> runtime::Task<> {
    result->emplace(co_await mcp::connect(with));
  };
  tasks.spawn("connect", keep(session, &out));
  test.settle();
  test.run(session->close(1s));
  test.settle();
  ASSERT_TRUE(out);
  EXPECT_FALSE(*out);
  EXPECT_EQ(session->calls().size(), 0U);
}

}  // namespace
}  // namespace telltale::mcp
