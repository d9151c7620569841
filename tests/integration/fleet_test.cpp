// The fleet with real servers: becomes healthy, a killed child is seen and comes back, only what
// changed is restarted, a stop leaves nothing behind.
#include <fstream>

#include <signal.h>

#include "bus/bus.hpp"
#include "fleet/registry.hpp"
#include "real.hpp"

namespace telltale::fleet {
namespace {

using namespace std::chrono_literals;
using testing_support::node;
using testing_support::npm_server;
using testing_support::support_server;

class Context final : public runtime::OperationContext {
 public:
  const std::string& id() const override { return id_; }
  const runtime::Actor& actor() const override { return actor_; }
  const std::string& trace_id() const override { return trace_; }
  void set_subject(std::string) override {}
  void progress(double, std::optional<double>, std::string, base::JsonObject) override {
    ++progressed;
  }
  runtime::TaskResult<base::JsonObject> ask(base::JsonObject) override {
    co_return base::JsonObject{{"action", "decline"}};
  }
  std::atomic<int> progressed{0};

 private:
  std::string id_ = "op_test";
  runtime::Actor actor_{.id = "u", .name = "tester"};
  std::string trace_ = "0123456789abcdef0123456789abcdef";
};

class FleetTest : public testing_support::RealLoops {
 protected:
  void SetUp() override {
    net::become_subreaper();
    std::string name = (std::filesystem::temp_directory_path() / "telltale-fleet-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
    auto opened =
        store::Store::open({.path = folder + "/t.db"}, runtime.clock(), runtime.blocking());
    ASSERT_TRUE(opened) << opened.error().detail;
    store = std::move(*opened);
    bus = std::make_unique<bus::Bus>(runtime.clock());
  }

  void TearDown() override {
    if (registry)
      run([](Registry* all) -> runtime::Task<bool> {
        co_await all->stop();
        co_return true;
      }(registry.get()));
    registry.reset();
    store.reset();
    std::filesystem::remove_all(folder);
  }

  void write(const base::JsonObject& servers) {
    const auto path = folder + "/fleet.json";
    std::ofstream(path + ".new") << base::write_json(base::JsonObject{{"mcpServers", servers}});
    std::filesystem::rename(path + ".new", path);
  }

  void start(const base::JsonObject& servers) {
    write(servers);
    registry = std::make_unique<Registry>(
        FleetSettings{.file = folder + "/fleet.json", .watch_interval = 100ms}, runtime, *store,
        *bus);
    const auto errors = registry->load();
    ASSERT_TRUE(errors) << errors.error().detail;
    ASSERT_TRUE(errors->empty());
    registry->start();
  }

  base::JsonObject record(const std::string& name) {
    auto server = registry->find(name);
    return server ? (*server)->view()->record : base::JsonObject();
  }
  std::string status(const std::string& name) {
    return base::string_or(record(name), "health_status");
  }
  int pid(const std::string& name) {
    const auto now = record(name);
    const auto* process = base::find_object(now, "process");
    return process == nullptr ? 0
                              : static_cast<int>(base::find_integer(*process, "pid").value_or(0));
  }

  // Waits on the events of the bus, not on the clock: the condition is looked at after each batch.
  bool until(std::function<bool()> condition, base::Duration limit = 30s) {
    return run([](bus::Bus* events, std::function<bool()> holds,
                  base::Duration most) -> runtime::Task<bool> {
      auto& loop = *runtime::Loop::current();
      runtime::Notifier more(loop);
      const auto subscription = events->subscribe(
          loop, [&more](std::span<const bus::PublishedPtr>) { more.notify_all(); });
      const auto deadline = loop.clock().now() + most;
      while (!holds()) {
        const auto left = deadline - loop.clock().now();
        if (left <= base::Duration::zero()) co_return false;
        co_await more.wait_for(std::min<base::Duration>(left, 200ms));
      }
      co_return true;
    }(bus.get(), std::move(condition), limit));
  }

  std::vector<std::string> statuses_of(const std::string& name) {
    std::vector<std::string> out;
    for (const auto& item : bus->since(0, 100'000).events)
      if (item->event.type == "mcp_status_change" && item->event.subject == name)
        out.push_back(base::string_or(item->event.data, "new_status"));
    return out;
  }

  // Newest first, with what a batch still holds back. The store is asked on a loop.
  std::vector<store::HealthRecord> checks_of(const std::string& name) {
    auto rows =
        run([](store::Store* from,
               std::string server) -> runtime::TaskResult<std::vector<store::HealthRecord>> {
          co_return co_await store::list_health(*from, std::move(server), 100);
        }(store.get(), name));
    EXPECT_TRUE(rows);
    return rows.value_or(std::vector<store::HealthRecord>());
  }
  bool until_checked(const std::string& name,
                     std::function<bool(const std::vector<store::HealthRecord>&)> holds) {
    for (int i = 0; i < 300; ++i) {
      if (holds(checks_of(name))) return true;
      (void)until([] { return false; }, 100ms);
    }
    return false;
  }

  static base::JsonObject everything() {
    return {{"command", node()},
            {"args", base::JsonArray{base::Json(npm_server("server-everything")), "stdio"}}};
  }
  static base::JsonObject memory(std::string_view tag = "a") {
    return {{"command", node()},
            {"args", base::JsonArray{base::Json(npm_server("server-memory"))}},
            {"telltale", {{"tags", base::JsonArray{base::Json(tag)}}}}};
  }
  static base::JsonObject hostile(std::string_view how) {
    return {{"command", node()},
            {"args", base::JsonArray{base::Json(support_server("hostile.mjs")), base::Json(how)}},
            {"telltale", {{"start_timeout_s", 3}, {"circuit", {{"timeout_s", 1}}}}}};
  }

  std::string folder;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<bus::Bus> bus;
  std::unique_ptr<Registry> registry;
};

TEST_F(FleetTest, AKilledChildIsSeenAndComesBackByItself) {
  start({{"memory", memory()}});
  ASSERT_TRUE(until([&] { return status("memory") == "healthy"; }))
      << base::write_json(record("memory"));
  const int first = pid("memory");
  ASSERT_GT(first, 0);
  ASSERT_EQ(::kill(first, SIGKILL), 0);
  ASSERT_TRUE(until([&] { return status("memory") == "healthy" && pid("memory") != first; }));
  const auto seen = statuses_of("memory");
  EXPECT_NE(std::ranges::find(seen, "disconnected"), seen.end());
  EXPECT_EQ(base::find_integer(record("memory"), "restarts"), 1);
  EXPECT_TRUE(until_checked("memory", [](const auto& checks) {
    return std::ranges::any_of(checks, [](const auto& check) {
      return !check.ok && check.kind == "session" && check.error.contains("signal 9");
    });
  })) << "its fall is in its history, though no check met it";
}

// Reliability is counted from this history: who is never there must not look flawless.
TEST_F(FleetTest, AServerThatNeverStartsIsFoundAbsentOnceAnInterval) {
  auto definition = hostile("exit-at-once");
  definition["telltale"].as_object()["health_interval_s"] = 0.5;
  start({{"bad", definition}});
  const auto absent = [](const auto& checks) {
    return !checks.empty() && std::ranges::none_of(checks, &store::HealthRecord::ok);
  };
  ASSERT_TRUE(until_checked("bad", [&](const auto& checks) {
    return absent(checks) && checks.size() >= 4 && checks.front().health_status == "circuit_open";
  }));
  const auto checks = checks_of("bad");
  for (std::size_t i = 1; i < checks.size(); ++i)
    EXPECT_GE(checks[i - 1].time - checks[i].time, 490ms) << "as much weight as a check";
  const auto stopped = run([](Registry* all) -> runtime::TaskResult<bool> {
    co_return co_await (*all->find("bad"))->stop();
  }(registry.get()));
  ASSERT_TRUE(stopped) << stopped.error().detail;
  const auto stopped_at = runtime.clock().wall();
  (void)until([] { return false; }, 1200ms);  // two intervals, and what was found before is stored
  for (const auto& check : checks_of("bad"))
    EXPECT_LE(check.time, stopped_at) << "who is stopped is not missed";
}

TEST_F(FleetTest, AReloadTouchesOnlyWhatChanged) {
  start({{"same", memory("a")}, {"changes", memory("a")}, {"goes", memory("a")}});
  ASSERT_TRUE(until([&] {
    return status("same") == "healthy" && status("changes") == "healthy" &&
           status("goes") == "healthy";
  }));
  const int same = pid("same");
  const int changes = pid("changes");
  const int goes = pid("goes");
  write({{"same", memory("a")}, {"changes", memory("b")}, {"comes", memory("a")}});
  ASSERT_TRUE(until([&] {
    return status("comes") == "healthy" && status("changes") == "healthy" &&
           pid("changes") != changes;
  }));
  EXPECT_EQ(pid("same"), same) << "an unchanged server keeps its process";
  EXPECT_FALSE(registry->find("goes"));
  EXPECT_NE(::kill(goes, 0), 0) << "a removed server's process is gone";

  std::ofstream(folder + "/fleet.json") << "{\"mcpServers\": {\"same\": {";  // half written
  const auto report = run(registry->reload());
  EXPECT_FALSE(report);
  EXPECT_EQ(pid("same"), same) << "a torn file keeps the old fleet";
}

TEST_F(FleetTest, StopLeavesNoProcessAndStartBringsItBack) {
  start({{"everything", everything()}});
  ASSERT_TRUE(until([&] { return status("everything") == "healthy"; }));
  const int old = pid("everything");
  const auto server = *registry->find("everything");
  const auto stopped = run(runtime::call_on(server->loop(), server->stop()));
  ASSERT_TRUE(stopped) << stopped.error().detail;
  EXPECT_EQ(status("everything"), "stopped");
  EXPECT_NE(::kill(old, 0), 0);
  const auto context = std::make_shared<Context>();
  const auto refused =
      run(runtime::call_on(server->loop(), server->call_tool("echo", {{"message", "x"}}, context)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::conflict);
  const auto again = run(runtime::call_on(server->loop(), server->start()));
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(status("everything"), "healthy");
}

TEST_F(FleetTest, AToolCallReportsProgressAndIsCounted) {
  start({{"everything", everything()}});
  ASSERT_TRUE(until([&] { return status("everything") == "healthy"; }));
  const auto server = *registry->find("everything");
  const auto context = std::make_shared<Context>();
  const auto result = run(runtime::call_on(
      server->loop(), server->call_tool("trigger-long-running-operation",
                                        {{"duration", 1}, {"steps", 3}}, context)));
  ASSERT_TRUE(result) << result.error().detail;
  EXPECT_EQ(context->progressed, 3);
  const auto missing =
      run(runtime::call_on(server->loop(), server->call_tool("no-such-tool", {}, context)));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, base::Code::not_found);
  // The record follows within kViewDelay, once for many calls.
  EXPECT_TRUE(until([&] {
    const auto calls = record("everything").at("calls").as_object();
    return base::find_integer(calls, "total") == 1 && base::find_integer(calls, "in_flight") == 0;
  })) << base::write_json(record("everything"));
}

TEST_F(FleetTest, ACrashLoopOpensTheCircuitAndEndsDisabled) {
  start({{"bad", hostile("exit-at-once")}});
  ASSERT_TRUE(until([&] { return status("bad") == "disabled"; }, 60s))
      << base::write_json(record("bad"));
  const auto seen = statuses_of("bad");
  EXPECT_NE(std::ranges::find(seen, "circuit_open"), seen.end());
}

// What the level promises is achieved or the server does not start; docs/sandbox.md.
TEST_F(FleetTest, ASandboxedServerWorksAndSaysSo) {
  if (const auto& have = net::sandbox_support(); have.bubblewrap.empty())
    GTEST_SKIP() << "no sandbox on this machine: " << have.why_not;
  for (const std::string level : {"standard", "strict"}) {
    auto definition = hostile("normal");
    definition["telltale"] = {{"sandbox", level}};
    start({{"boxed", definition}});
    ASSERT_TRUE(until([&] { return status("boxed") == "healthy"; }, 60s))
        << base::write_json(record("boxed"));
    const auto shown = record("boxed").at("sandbox").as_object();
    EXPECT_EQ(base::string_or(shown, "achieved"), level) << base::write_json(shown);
    EXPECT_EQ(
        std::filesystem::read_symlink("/proc/self/ns/pid") ==
            std::filesystem::read_symlink("/proc/" + std::to_string(pid("boxed")) + "/ns/pid"),
        false)
        << "it has processes of its own only";
    run([](Registry* all) -> runtime::Task<bool> {
      co_await all->stop();
      co_return true;
    }(registry.get()));
    registry.reset();
  }
}

TEST_F(FleetTest, GarbageOnStdoutIsAFindingNotAnEnd) {
  start({{"noisy", hostile("garbage")}});
  ASSERT_TRUE(until([&] { return status("noisy") == "healthy"; }))
      << base::write_json(record("noisy"));
  EXPECT_GT(base::find_integer(record("noisy"), "findings").value_or(0), 0);
}

TEST_F(FleetTest, AHangingServerIsGivenUpAndItsProcessWithIt) {
  start({{"hangs", hostile("hang-initialize")}});
  ASSERT_TRUE(until([&] { return status("hangs") == "disconnected"; }, 30s))
      << base::write_json(record("hangs"));
  EXPECT_NE(base::string_or(record("hangs"), "reason").find("start failed"), std::string::npos);
}

}  // namespace
}  // namespace telltale::fleet
