#include "fleet/definition.hpp"

#include <gtest/gtest.h>

namespace telltale::fleet {
namespace {

base::Result<Definition> parse(std::string_view text) {
  return parse_definition("files", base::parse_json(text)->as_object(), "/mcpServers/files");
}

TEST(Definition, TakesWhatTheMcpWorldWrites) {
  const auto stdio =
      parse(R"({"command":"/usr/bin/node","args":["a.js","--x"],"env":{"A":"1"},"cwd":"/tmp"})");
  ASSERT_TRUE(stdio) << stdio.error().detail;
  EXPECT_EQ(stdio->transport, mcp::TransportKind::stdio);
  EXPECT_EQ(stdio->target(), "/usr/bin/node a.js --x");
  EXPECT_EQ(stdio->id, server_id("files"));
  for (const std::string_view type : {"http", "streamable-http"}) {
    const auto http = parse(R"({"type":")" + std::string(type) +
                            R"(","url":"http://127.0.0.1:1/mcp?key=secret","headers":{"X":"y"}})");
    ASSERT_TRUE(http);
    EXPECT_EQ(http->transport, mcp::TransportKind::http);
    EXPECT_EQ(http->target(), "http://127.0.0.1:1/mcp") << "a query may hold a key";
  }
  EXPECT_EQ(parse(R"({"url":"http://h/sse","type":"sse"})")->transport, mcp::TransportKind::sse);
  EXPECT_TRUE(parse(R"({"url":"http://h/","command":"x"})")->executes());
  EXPECT_FALSE(parse(R"({"command":"x","disabled":true})")->autostart);
}

TEST(Definition, OwnKeysHaveEffectAndBadOnesAreNamed) {
  const auto good = parse(
      R"({"command":"x","telltale":{"health_interval_s":5,"circuit":{"failure_threshold":2},"tags":["a"],"autostart":false}})");
  ASSERT_TRUE(good) << good.error().detail;
  EXPECT_EQ(good->health_interval, base::Duration(std::chrono::seconds(5)));
  EXPECT_EQ(good->circuit.failure_threshold, 2);
  EXPECT_FALSE(good->autostart);

  struct Bad {
    std::string_view text;
    std::string_view pointer;
  };
  for (const auto& bad :
       {Bad{R"({"command":"x","telltale":{"health_intervall_s":5}})",
            "/mcpServers/files/telltale/health_intervall_s"},
        Bad{R"({"command":"x","telltale":{"health_interval_s":0}})",
            "/mcpServers/files/telltale/health_interval_s"},
        Bad{R"({"command":"x","telltale":{"replicas":2}})", "/mcpServers/files/telltale/replicas"},
        Bad{R"({"command":"x","telltale":{"circuit":{"timeout_s":"a"}}})",
            "/mcpServers/files/telltale/circuit/timeout_s"},
        Bad{R"({"command":5})", "/mcpServers/files/command"},
        Bad{R"({"command":"x","args":"y"})", "/mcpServers/files/args"},
        Bad{R"({"command":"x","env":{"A":1}})", "/mcpServers/files/env/A"},
        Bad{R"({"type":"carrier-pigeon","command":"x"})", "/mcpServers/files/type"},
        Bad{R"({"url":"ftp://h/"})", "/mcpServers/files/url"}, Bad{R"({})", "/mcpServers/files"}}) {
    const auto parsed = parse(bad.text);
    ASSERT_FALSE(parsed) << bad.text;
    ASSERT_FALSE(parsed.error().fields.empty()) << bad.text;
    EXPECT_EQ(parsed.error().fields.front().pointer, bad.pointer);
  }
}

TEST(FleetFile, OneBadServerDoesNotLoseTheOthers) {
  const auto file = parse_fleet_file(
      R"({"mcpServers":{"good":{"command":"x"},"bad":{"command":1},"also":{"url":"http://h/"}}})");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->servers.size(), 2U);
  ASSERT_EQ(file->errors.size(), 1U);
  EXPECT_NE(file->errors.front().detail.find("/mcpServers/bad/command"), std::string::npos);
  EXPECT_TRUE(parse_fleet_file(R"({"servers":{"a":{"command":"x"}}})")) << "VS Code's form";
  EXPECT_FALSE(parse_fleet_file(R"({"mcpServers":{"good":{"comm)")) << "a torn file";
  EXPECT_FALSE(parse_fleet_file("[]"));
}

TEST(Definition, SecretsAreHidden) {
  const auto shown = base::write_json(redacted(
      base::parse_json(
          R"({"command":"x","env":{"KEY":"s3cret"},"headers":{"Authorization":"Bearer s3cret"}})")
          ->as_object()));
  EXPECT_EQ(shown.find("s3cret"), std::string::npos);
  EXPECT_NE(shown.find("KEY"), std::string::npos);
}

TEST(Definition, TheFingerprintChangesWithAnyChange) {
  EXPECT_EQ(parse(R"({"command":"x"})")->fingerprint, parse(R"({"command":"x"})")->fingerprint);
  EXPECT_NE(parse(R"({"command":"x"})")->fingerprint,
            parse(R"({"command":"x","args":[]})")->fingerprint);
}

}  // namespace
}  // namespace telltale::fleet
