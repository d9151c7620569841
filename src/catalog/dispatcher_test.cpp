// The dispatcher over a real runtime, store and audit; the operations are ours and do what the test
// says, when it says so. Nothing sleeps: a test waits for what has to happen, and a limit that has
// to pass is a few milliseconds.
#include "catalog/dispatcher.hpp"

#include <filesystem>
#include <semaphore>

#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "audit/chain.hpp"
#include "base/published.hpp"

namespace telltale::catalog {
namespace {

using namespace std::chrono_literals;
using base::Code;
using base::Json;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::Keep;
using runtime::Task;
using runtime::TaskResult;

struct Work {
  std::string name;
  int times = 1;
  std::string password;
};
BOOST_DESCRIBE_STRUCT(Work, (), (name, times, password))
constexpr auto field_rules(const Work*) {
  return std::array{
      base::FieldRule{.name = "times", .minimum = 1, .maximum = 9, .has_default = true},
      base::FieldRule{.name = "password", .has_default = true}};
}

// What the operations of a test do and what became of them.
struct Probe {
  explicit Probe(runtime::Loop& loop) : gate(loop) {}
  std::atomic<int> ran{0};
  std::atomic<int> cancelled{0};
  std::counting_semaphore<> entered{0};
  runtime::OneShot<int> gate;
};

TaskResult<JsonObject> answer(Probe* probe, ContextPtr context, Work in) {
  context->set_subject("subject of " + in.name);
  co_return JsonObject{{"name", in.name}, {"ran", ++probe->ran}, {"token", "t-123"}};
}

// Goes on until the gate opens, or until it is told to stop.
TaskResult<JsonObject> wait_at_gate(Probe* probe, Work in) {
  const auto number = ++probe->ran;
  probe->entered.release();
  try {
    (void)co_await probe->gate.wait();
  } catch (const boost::system::system_error&) {
    ++probe->cancelled;
    throw;
  }
  co_return JsonObject{{"name", in.name}, {"ran", number}};
}

TaskResult<JsonObject> throws(Probe* probe) {
  ++probe->ran;
  throw std::runtime_error("/etc/secret-path is not there");
  co_return JsonObject{};
}

TaskResult<JsonObject> refuses(Probe* probe) {
  ++probe->ran;
  co_return base::fail(Code::conflict, "it is full");
}

TaskResult<JsonObject> asks(ContextPtr context) {
  auto given = co_await context->ask({{"message", "sure?"}});
  if (!given) co_return std::unexpected(given.error());
  co_return std::move(*given);
}

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

runtime::Actor somebody(const std::string& name, std::vector<runtime::Grant> grants) {
  return {.id = "id-of-" + name,
          .name = name,
          .role = "operator",
          .rights = std::make_shared<const runtime::Rights>(std::move(grants)),
          .address = "10.1.2.3"};
}

runtime::Actor operator_called(const std::string& name) {
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

// --- Answers ---

TEST_F(DispatcherTest, AnOperationAnswers) {
  const auto done = call(call_of("test.read"));
  ASSERT_TRUE(done.result) << done.result.error().detail;
  EXPECT_TRUE(done.finished);
  EXPECT_EQ(done.result->at("name"), "a");
  EXPECT_EQ(events.of_type("operation").size(), 0U) << "a read is not shown";
  EXPECT_EQ(audited(), Lines{}) << "a read is not audited";
}

TEST_F(DispatcherTest, AChangeIsRecordedShownAndAuditedBeforeItsAnswer) {
  auto asked = call_of("test.change");
  asked.arguments.as_object()["password"] = "hunter2";
  const auto done = call(std::move(asked));
  ASSERT_TRUE(done.result) << done.result.error().detail;
  const auto record = record_on_disk(done.operation_id);
  EXPECT_EQ(record.status, "completed");
  EXPECT_EQ(record.actor, "ada");
  EXPECT_EQ(record.subject, "subject of a");
  EXPECT_EQ(record.result, *done.result);
  EXPECT_TRUE(record.end_time);
  EXPECT_EQ(record.arguments.at("name"), "a");
  EXPECT_EQ(base::write_json(record.arguments).find("hunter2"), std::string::npos);
  EXPECT_EQ(audited(), (Lines{"ada test.change started ", "ada test.change ok "}));
  const auto shown = events.of_type("operation");
  ASSERT_EQ(shown.size(), 2U);
  EXPECT_EQ(shown[0].data.at("status"), "started");
  EXPECT_EQ(shown[1].data.at("status"), "completed");
  EXPECT_FALSE(shown[1].data.contains("result"));
  EXPECT_EQ(shown[1].subject, done.operation_id);
  EXPECT_EQ(dispatcher->stats().started, 1U);
  EXPECT_EQ(dispatcher->stats().running, 0U);
}

TEST_F(DispatcherTest, AChangeSaysWhatItDidWhileItRunsAndLater) {
  const auto names = [](const JsonObject& record) {
    Lines out;
    if (const auto* spans = record.if_contains("spans"))
      for (const auto& span : spans->get_array())
        out.push_back(base::string_or(span.get_object(), "name"));
    return out;
  };
  const auto begun = call(call_of("test.slow", 5ms));
  await_entered();
  const auto trace_id = base::string_or(described(begun.operation_id, 0s), "trace_id");
  EXPECT_EQ(names(dispatcher->of_trace(trace_id).at(0)), (Lines{"admission", "audit"}));
  open_gate();
  EXPECT_EQ(described(begun.operation_id).at("status"), "completed");
  begin_a_new_life();
  EXPECT_EQ(names(described(begun.operation_id)), (Lines{"admission", "audit"}))
      << "from the store";
  EXPECT_EQ(dispatcher->of_trace("none").size(), 0U);
}

TEST_F(DispatcherTest, ASecretResultIsSeenByItsCallerAlone) {
  const auto done = call(call_of("test.secret"));
  ASSERT_TRUE(done.result);
  EXPECT_EQ(done.result->at("token"), "t-123");
  EXPECT_NE(record_on_disk(done.operation_id).result.at("token"), "t-123");
  EXPECT_NE(described(done.operation_id).at("result").at("token"), "t-123");
}

TEST_F(DispatcherTest, WhatIsNotDoneInTimeGoesOnAndItsResultIsReadLater) {
  const auto begun = call(call_of("test.slow", 5ms));
  EXPECT_FALSE(begun.finished);
  ASSERT_NE(begun.operation_id, "");
  await_entered();
  EXPECT_EQ(base::string_or(described(begun.operation_id, 0s), "status"), "started");
  ASSERT_EQ(dispatcher->running().size(), 1U);
  EXPECT_EQ(base::string_or(dispatcher->running().front(), "operation_id"), begun.operation_id);
  open_gate();
  const auto ended = described(begun.operation_id);
  EXPECT_EQ(ended.at("status"), "completed");
  EXPECT_EQ(ended.at("result").at("name"), "a");
  EXPECT_EQ(dispatcher->running().size(), 0U);
  begin_a_new_life();
  EXPECT_EQ(described(begun.operation_id).at("result").at("name"), "a") << "from the store";
}

TEST_F(DispatcherTest, AReadThatIsSlowCanBeFoundAgainToo) {
  const auto begun = call(call_of("test.slow_read", 5ms));
  EXPECT_FALSE(begun.finished);
  open_gate();
  EXPECT_EQ(described(begun.operation_id).at("result").at("name"), "a");
}

TEST_F(DispatcherTest, AnUnknownOperationOrRecordIsNotFound) {
  const auto done = call(call_of("test.nothing"));
  ASSERT_FALSE(done.result);
  EXPECT_EQ(done.result.error().code, Code::not_found);
  EXPECT_NE(done.result.error().detail.find("test.nothing"), std::string::npos);
  const auto record = run(dispatcher->describe("op_nothing", 0s));
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().code, Code::not_found);
}

TEST_F(DispatcherTest, FromAPlainThreadItBlocksAndOnALoopItDoesNot) {
  const auto done = dispatcher->call_blocking(call_of("test.read"));
  ASSERT_TRUE(done.result);
  EXPECT_TRUE(done.finished);
  const auto begun = run([](Dispatcher* all, Call call) -> Task<Outcome> {
    co_return all->call_blocking(std::move(call));
  }(dispatcher.get(), call_of("test.slow")));
  EXPECT_FALSE(begun.finished);
  open_gate();
  EXPECT_EQ(status(begun.operation_id), "completed");
}

TEST_F(DispatcherTest, AnOperationAsksAndIsAnswered) {
  auto done = start_call(call_of("test.asks", 20s));
  const auto question = events.first("input_request");
  const auto id = base::string_or(question.data, "operation_id");
  const auto request = base::string_or(question.data, "request_id");
  EXPECT_EQ(question.data.at("message"), "sure?");
  const auto wrong = dispatcher->answer_input(id, "ask_nothing", {{"action", "accept"}});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Code::not_found);
  ASSERT_TRUE(dispatcher->answer_input(id, request, {{"action", "decline"}}));
  const auto outcome = done.get();
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(outcome.result->at("action"), "decline");
}

// --- Ends ---

TEST_F(DispatcherTest, CancelReachesTheOperationAndTheRecordSaysSo) {
  auto waiting = start_call(call_of("test.slow", 1min));
  await_entered();
  const auto id = base::string_or(dispatcher->running().front(), "operation_id");
  ASSERT_TRUE(dispatcher->cancel(id));
  const auto outcome = waiting.get();
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().code, Code::cancelled);
  EXPECT_EQ(probe.cancelled, 1);
  EXPECT_EQ(status(id), "canceled");
  EXPECT_EQ(record_on_disk(id).status, "canceled");
  EXPECT_EQ(audited(), (Lines{"ada test.slow started ", "ada test.slow failed cancelled"}));
  const auto again = dispatcher->cancel(id);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::not_found);
}

TEST_F(DispatcherTest, ATimeLimitEndsIt) {
  const auto outcome = call(call_of("test.limited"));
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().code, Code::deadline_exceeded);
  EXPECT_EQ(outcome.result.error().detail, "test.limited took longer than its limit of 30 ms");
  EXPECT_EQ(probe.cancelled, 1) << "it does not go on unseen";
  EXPECT_EQ(record_on_disk(outcome.operation_id).status, "failed");
}

TEST_F(DispatcherTest, AnErrorIsTheCallersAndARecord) {
  const auto outcome = call(call_of("test.refuses"));
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().code, Code::conflict);
  EXPECT_EQ(outcome.result.error().detail, "it is full");
  const auto record = record_on_disk(outcome.operation_id);
  EXPECT_EQ(record.status, "failed");
  EXPECT_EQ(record.error.at("detail"), "it is full");
  EXPECT_EQ(audited(), (Lines{"ada test.refuses started ", "ada test.refuses failed it is full"}));
  EXPECT_EQ(events.of_type("operation").back().severity, runtime::Severity::warning);
  EXPECT_EQ(dispatcher->stats().failed, 1U);
}

TEST_F(DispatcherTest, AnExceptionIsAnErrorThatTellsNothingOfTheInside) {
  const auto outcome = call(call_of("test.throws"));
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().code, Code::internal);
  EXPECT_EQ(outcome.result.error().detail, "an internal error; the log has it");
  EXPECT_EQ(record_on_disk(outcome.operation_id).status, "failed");
  EXPECT_TRUE(call(call_of("test.change")).result) << "the next one runs";
}

// --- Refusals ---

TEST_F(DispatcherTest, WithoutThePermissionNothingRunsAndTheAuditKnows) {
  auto asked = call_of("test.change");
  asked.actor = somebody("eve", {{.permissions = {"fleet:read"}}});
  const auto outcome = call(std::move(asked));
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().code, Code::permission_denied);
  EXPECT_NE(outcome.result.error().detail.find("fleet:operate"), std::string::npos);
  EXPECT_EQ(outcome.operation_id, "");
  EXPECT_EQ(probe.ran, 0);
  EXPECT_EQ(events.of_type("operation").size(), 0U);
  ASSERT_EQ(audited().size(), 1U);
  EXPECT_EQ(audited().front().find("eve test.change refused "), 0U) << audited().front();
  const auto listed = run(store->read([](store::Connection& db) { return audit::list(db, {}); }));
  EXPECT_EQ(listed->front().entry.address, "10.1.2.3");
  EXPECT_EQ(listed->front().entry.subject, "a");
}

TEST_F(DispatcherTest, WhoIsNobodyIsToldToLogIn) {
  auto asked = call_of("test.read");
  asked.actor = {};
  const auto outcome = call(std::move(asked));
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().code, Code::unauthenticated);
  EXPECT_EQ(probe.ran, 0);
}

TEST_F(DispatcherTest, APermissionHoldsOnTheServersOfItsGrant) {
  const auto on = [&](const std::string& server, std::vector<runtime::Grant> grants) {
    auto asked = call_of("test.on_server");
    asked.arguments.as_object()["name"] = server;
    asked.actor = somebody("eve", std::move(grants));
    return call(std::move(asked));
  };
  using Grants = std::vector<runtime::Grant>;
  const Grants elsewhere{{.permissions = {"fleet:read", "fleet:operate"}, .servers = {"other"}}};
  const Grants sees_only{{.permissions = {"fleet:read"}, .servers = {"files"}},
                         {.permissions = {"fleet:operate"}, .servers = {"other"}}};
  const Grants here{{.permissions = {"fleet:read", "fleet:operate"}, .servers = {"files"}}};
  const auto unseen = on("files", elsewhere);
  const auto missing = on("gone", here);
  ASSERT_FALSE(unseen.result);
  ASSERT_FALSE(missing.result);
  EXPECT_EQ(unseen.result.error().code, Code::not_found) << "what one may not see is not there";
  EXPECT_EQ(unseen.result.error().detail, "no server is called files");
  EXPECT_EQ(missing.result.error().detail, "no server is called gone");
  const auto refused = on("id-of-files", sees_only);
  ASSERT_FALSE(refused.result);
  EXPECT_EQ(refused.result.error().code, Code::permission_denied);
  EXPECT_NE(refused.result.error().detail.find("on files"), std::string::npos);
  EXPECT_EQ(probe.ran, 0);
  EXPECT_TRUE(on("id-of-files", here).result);
}

TEST_F(DispatcherTest, ArgumentsThatDoNotFitAreRefusedByField) {
  const auto with = [&](Json arguments) {
    auto asked = call_of("test.change");
    asked.arguments = std::move(arguments);
    return call(std::move(asked));
  };
  const auto bad = with(JsonObject{{"times", 10}, {"colour", "red"}});
  ASSERT_FALSE(bad.result);
  EXPECT_EQ(bad.result.error().code, Code::invalid_argument);
  std::string fields;
  for (const auto& field : bad.result.error().fields) fields += field.pointer + " ";
  EXPECT_EQ(fields, "/name /times /colour ");
  EXPECT_NE(bad.result.error().detail.find("/name is required"), std::string::npos);
  for (const Json& other : {Json(nullptr), Json("text"), Json(base::JsonArray())}) {
    const auto refused = with(other);
    ASSERT_FALSE(refused.result);
    EXPECT_EQ(refused.result.error().code, Code::invalid_argument);
  }
  EXPECT_EQ(probe.ran, 0);
  EXPECT_EQ(audited(), Lines{}) << "a typing error is not an attack";
}

TEST_F(DispatcherTest, WhatTheAuditCannotKeepIsNotDone) {
  ASSERT_TRUE(run(store->write("test", [](store::Connection& db) {
    return db.run(
        "CREATE TRIGGER no_room BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END");
  })));
  const auto outcome = call(call_of("test.change"));
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().code, Code::storage);
  EXPECT_EQ(probe.ran, 0);
  EXPECT_TRUE(call(call_of("test.read")).result) << "reads go on";
}

// --- The same key again ---

TEST_F(DispatcherTest, TheSameKeyGivesTheFirstResultAgain) {
  const auto first = call(call_of("test.change", 10s, "k1"));
  ASSERT_TRUE(first.result);
  const auto again = call(call_of("test.change", 10s, "k1"));
  ASSERT_TRUE(again.result) << again.result.error().detail;
  EXPECT_EQ(again.operation_id, first.operation_id);
  EXPECT_EQ(*again.result, *first.result);
  begin_a_new_life();
  const auto later = call(call_of("test.change", 10s, "k1"));
  ASSERT_TRUE(later.result) << later.result.error().detail;
  EXPECT_EQ(later.operation_id, first.operation_id);
  EXPECT_EQ(*later.result, *first.result);
  EXPECT_EQ(probe.ran, 1);
  EXPECT_TRUE(call(call_of("test.change", 10s, "k2")).result);
  EXPECT_EQ(probe.ran, 2) << "another key is another call";
}

TEST_F(DispatcherTest, TheSameKeyGivesTheFirstErrorAgain) {
  const auto first = call(call_of("test.refuses", 10s, "k1"));
  const auto again = call(call_of("test.refuses", 10s, "k1"));
  ASSERT_FALSE(again.result);
  EXPECT_EQ(again.operation_id, first.operation_id);
  EXPECT_EQ(again.result.error().code, Code::conflict);
  EXPECT_EQ(again.result.error().detail, "it is full");
  EXPECT_EQ(probe.ran, 1);
}

TEST_F(DispatcherTest, TheSameKeyWaitsForTheFirstWhileItRuns) {
  const auto first = call(call_of("test.slow", 0s, "k1"));
  await_entered();
  const auto impatient = call(call_of("test.slow", 0s, "k1"));
  EXPECT_FALSE(impatient.finished);
  EXPECT_EQ(impatient.operation_id, first.operation_id);
  auto patient = start_call(call_of("test.slow", 1min, "k1"));
  open_gate();
  const auto done = patient.get();
  ASSERT_TRUE(done.result) << done.result.error().detail;
  EXPECT_TRUE(done.finished);
  EXPECT_EQ(done.operation_id, first.operation_id);
  EXPECT_EQ(probe.ran, 1);
}

// A client that gives up at once and asks again: both are there before the key is kept.
TEST_F(DispatcherTest, TheSameKeyTwiceAtOnceRunsOnce) {
  std::vector<std::future<Outcome>> waiting;
  waiting.reserve(3);
  std::promise<void> begun;
  runtime.loop(0).post([&] {
    for (int i = 0; i < 3; ++i) waiting.push_back(start_call(call_of("test.slow", 1min, "k1")));
    begun.set_value();
  });
  begun.get_future().wait();
  await_entered();
  open_gate();
  std::string id;
  for (auto& one : waiting) {
    const auto done = one.get();
    ASSERT_TRUE(done.result) << done.result.error().detail;
    EXPECT_EQ(done.result->at("ran"), 1);
    if (id.empty()) id = done.operation_id;
    EXPECT_EQ(done.operation_id, id);
  }
  EXPECT_EQ(probe.ran, 1);
  EXPECT_EQ(dispatcher->stats().started, 1U);
  EXPECT_EQ(events.of_type("operation").size(), 2U);
  EXPECT_EQ(audited(), (Lines{"ada test.slow started ", "ada test.slow ok "}));
}

TEST_F(DispatcherTest, AKeyIsOfItsPrincipalItsOperationAndItsBody) {
  const auto first = call(call_of("test.change", 10s, "k1"));
  auto of_another = call_of("test.change", 10s, "k1");
  of_another.actor = operator_called("bob");
  const auto second = call(std::move(of_another));
  ASSERT_TRUE(second.result) << second.result.error().detail;
  EXPECT_NE(second.operation_id, first.operation_id);
  EXPECT_EQ(probe.ran, 2);
  auto other_body = call_of("test.change", 10s, "k1");
  other_body.arguments.as_object()["name"] = "b";
  const auto third = call(std::move(other_body));
  ASSERT_FALSE(third.result);
  EXPECT_EQ(third.result.error().code, Code::conflict);
  const auto fourth = call(call_of("test.other_change", 10s, "k1"));
  ASSERT_FALSE(fourth.result) << "to start a server is not to stop it";
  EXPECT_EQ(fourth.result.error().code, Code::conflict);
  EXPECT_EQ(probe.ran, 2);
}

// --- Shutdown ---

TEST_F(DispatcherTest, ShutdownWaitsForWhatEndsInTime) {
  auto waiting = start_call(call_of("test.slow", 1min));
  await_entered();
  auto stopped = start_stop(1min);
  open_gate();
  const auto done = waiting.get();
  EXPECT_TRUE(done.result);
  stopped.get();
  EXPECT_EQ(probe.cancelled, 0);
}

TEST_F(DispatcherTest, ShutdownAnswersWhoeverWaits) {
  std::vector<std::future<Outcome>> waiting;
  for (const auto* const name : {"test.slow", "test.slow_call", "test.slow_read"}) {
    waiting.push_back(start_call(call_of(name, 1min)));
    await_entered();
  }
  const auto change = dispatcher->running().back();
  const auto id = base::string_or(change, "operation_id");
  auto looking = start(dispatcher->describe(id, 1min));
  stop(5ms);
  EXPECT_EQ(probe.cancelled, 3);
  for (auto& one : waiting) {
    const auto outcome = one.get();
    ASSERT_FALSE(outcome.result);
    EXPECT_EQ(outcome.result.error().code, Code::unavailable);
    EXPECT_EQ(outcome.result.error().detail, "the server is shutting down");
  }
  const auto seen = looking.get();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->at("status"), "failed");
  EXPECT_EQ(record_on_disk(id).status, "failed");
  const auto late = call(call_of("test.change"));
  ASSERT_FALSE(late.result);
  EXPECT_EQ(late.result.error().code, Code::unavailable);
  EXPECT_EQ(probe.ran, 3);
}

// Taken, but not yet running when everything stops: the store is busy with something else.
TEST_F(DispatcherTest, ShutdownAnswersWhoeverWasAboutToBegin) {
  std::binary_semaphore busy{0};
  std::binary_semaphore free{0};
  auto writing = start(store->write("test", [&](store::Connection&) -> base::Result<void> {
    busy.release();
    free.acquire();
    return {};
  }));
  ASSERT_TRUE(busy.try_acquire_for(20s));
  auto waiting = start_call(call_of("test.change", 1min, "k1"));
  while (dispatcher->running().empty()) std::this_thread::yield();
  const auto id = base::string_or(dispatcher->running().front(), "operation_id");
  stop(0s);
  free.release();
  const auto outcome = waiting.get();
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().code, Code::unavailable);
  EXPECT_EQ(probe.ran, 0);
  EXPECT_EQ(status(id), "failed");
  EXPECT_EQ(dispatcher->running().size(), 0U);
  EXPECT_TRUE(writing.get());
}

}  // namespace
}  // namespace telltale::catalog
