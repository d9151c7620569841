// For the tests of catalog: a dispatcher over a real runtime, store and audit. Nothing sleeps: a
// test waits for what has to happen, and a limit that has to pass is a few milliseconds.
#pragma once

#include <atomic>
#include <filesystem>
#include <future>
#include <string>
#include <vector>

#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "audit/chain.hpp"
#include "base/published.hpp"
#include "catalog/dispatcher.hpp"
#include "catalog/test_operations.hpp"

namespace telltale::catalog {

using namespace std::chrono_literals;
using runtime::Keep;
using runtime::Task;

class Events final : public runtime::EventSink {
 public:
  using All = std::vector<runtime::Event>;

  void publish(runtime::Event event) override {
    all_.update([&](All& all) { all.push_back(event); });
    ++count_;
    count_.notify_all();
  }
  All of_type(std::string_view type) const {
    All out;
    for (const auto& event : *all_.load())
      if (event.type == type) out.push_back(event);
    return out;
  }
  // Waits for the first of this type.
  runtime::Event first(std::string_view type) const {
    for (;;) {
      const auto seen = count_.load();
      if (auto found = of_type(type); !found.empty()) return found.front();
      count_.wait(seen);
    }
  }

 private:
  base::Published<All> all_{std::make_shared<const All>()};
  std::atomic<std::size_t> count_{0};
};

inline runtime::Actor somebody(const std::string& name, std::vector<runtime::Grant> grants) {
  return {.id = "id-of-" + name,
          .name = name,
          .role = "operator",
          .rights = std::make_shared<const runtime::Rights>(std::move(grants)),
          .address = "10.1.2.3"};
}

inline runtime::Actor operator_called(const std::string& name) {
  return somebody(name, {{.permissions = {"fleet:read", "fleet:operate"}}});
}

class DispatcherTest : public testing::Test {
 protected:
  DispatcherTest() : runtime(1), probe(runtime.loop(0)) {
    std::string name =
        (std::filesystem::temp_directory_path() / "telltale-dispatcher-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
    auto opened =
        store::Store::open({.path = folder + "/t.db"}, runtime.clock(), runtime.blocking());
    EXPECT_TRUE(opened) << opened.error().detail;
    store = std::move(*opened);
    auto made = audit::Log::open({.folder = folder}, *store, runtime.blocking(), events);
    EXPECT_TRUE(made) << made.error().detail;
    log = std::move(*made);
    declare_all();
    dispatcher = made_dispatcher();
    runtime.start();
    log->start(runtime.loop(0));
  }
  ~DispatcherTest() override {
    stop(0s);
    run([](audit::Log* all) -> Task<bool> {
      co_await all->stop();
      co_return true;
    }(log.get()));
    store->close();
    runtime.stop();
    dispatcher.reset();
    earlier.reset();
    log.reset();
    store.reset();
    std::filesystem::remove_all(folder);
  }

  std::unique_ptr<Dispatcher> made_dispatcher() {
    auto out = std::make_unique<Dispatcher>(catalog, runtime, *store, events, *log);
    out->name_servers_by([](std::string_view given) -> std::optional<std::string> {
      if (given == "files" || given == "id-of-files") return "files";
      return std::nullopt;
    });
    return out;
  }

  template <class Body>
  void declare(runtime::OperationSpec spec, Body body) {
    if (spec.permission.empty()) spec.permission = "fleet:operate";
    catalog.add(runtime::declare<Work, JsonObject>(std::move(spec), std::move(body)));
  }
  void declare_all() {
    auto* const all = &probe;
    const auto at_once = [all](ContextPtr context, Work in) {
      return answer(all, std::move(context), std::move(in));
    };
    const auto at_gate = [all](ContextPtr, Work in) { return wait_at_gate(all, std::move(in)); };
    declare({.name = "test.read", .permission = "fleet:read"}, at_once);
    declare({.name = "test.slow_read", .permission = "fleet:read"}, at_gate);
    declare({.name = "test.change", .changes = true}, at_once);
    declare({.name = "test.other_change", .changes = true}, at_once);
    declare({.name = "test.slow", .changes = true}, at_gate);
    declare({.name = "test.slow_call", .changes = true, .keep = Keep::batched}, at_gate);
    declare({.name = "test.limited", .changes = true, .time_limit = 30ms}, at_gate);
    declare({.name = "test.on_server", .server = "name", .changes = true}, at_once);
    declare({.name = "test.secret", .changes = true, .secret_result = true}, at_once);
    declare({.name = "test.throws", .changes = true},
            [all](ContextPtr, Work) { return throws(all); });
    declare({.name = "test.refuses", .changes = true},
            [all](ContextPtr, Work) { return refuses(all); });
    declare({.name = "test.asks", .changes = true},
            [](ContextPtr context, Work) { return asks(std::move(context)); });
  }

  static Call call_of(std::string operation, base::Duration wait = 10s, std::string key = {}) {
    return {.operation = std::move(operation),
            .arguments = JsonObject{{"name", "a"}},
            .actor = operator_called("ada"),
            .wait = wait,
            .idempotency_key = std::move(key)};
  }

  template <class T>
  std::future<T> start(Task<T> task) {
    return boost::asio::co_spawn(runtime.loop(0).executor(), std::move(task),
                                 boost::asio::use_future);
  }
  template <class T>
  T run(Task<T> task) {
    return start(std::move(task)).get();
  }
  Outcome call(Call call) { return run(dispatcher->call(std::move(call))); }
  std::future<Outcome> start_call(Call call) { return start(dispatcher->call(std::move(call))); }
  std::future<void> start_stop(base::Duration drain) {
    return boost::asio::co_spawn(runtime.loop(0).executor(), dispatcher->stop(drain),
                                 boost::asio::use_future);
  }
  void stop(base::Duration drain) { start_stop(drain).get(); }
  void open_gate() {
    runtime.loop(0).post([gate = probe.gate] { gate.set(1); });
  }
  // The operation's own code runs now.
  void await_entered() { ASSERT_TRUE(probe.entered.try_acquire_for(20s)); }

  JsonObject described(const std::string& id, base::Duration wait = 10s) {
    auto out = run(dispatcher->describe(id, wait));
    EXPECT_TRUE(out) << out.error().detail;
    return out.value_or(JsonObject());
  }
  std::string status(const std::string& id) { return base::string_or(described(id), "status"); }
  // As a process that starts after this one finds it.
  store::OperationRecord record_on_disk(const std::string& id) {
    auto out = run(store::get_operation(*store, id));
    EXPECT_TRUE(out && *out) << id;
    return out && *out ? std::move(**out) : store::OperationRecord();
  }
  void begin_a_new_life() {
    earlier = std::move(dispatcher);
    dispatcher = made_dispatcher();
  }
  // "action outcome detail", the oldest first.
  std::vector<std::string> audited() {
    const auto listed = run(store->read([](store::Connection& db) { return audit::list(db, {}); }));
    EXPECT_TRUE(listed);
    std::vector<std::string> out;
    for (const auto& one : *listed)
      out.insert(out.begin(), fmt::format("{} {} {} {}", one.entry.actor, one.entry.action,
                                          one.entry.outcome, one.entry.detail));
    return out;
  }

  runtime::Runtime runtime;
  Probe probe;
  std::string folder;
  Events events;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<audit::Log> log;
  Catalog catalog;
  std::unique_ptr<Dispatcher> dispatcher;
  std::unique_ptr<Dispatcher> earlier;  // of an earlier life; its timers may still name it
  using Lines = std::vector<std::string>;
};

}  // namespace telltale::catalog
