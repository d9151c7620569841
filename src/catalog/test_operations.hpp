// For the tests of catalog: operations that do what the test says, when it says so.
#pragma once

#include <array>
#include <atomic>
#include <semaphore>
#include <stdexcept>
#include <string>

#include "base/describe.hpp"
#include "runtime/operation.hpp"
#include "runtime/sync.hpp"

namespace telltale::catalog {

using base::JsonObject;
using runtime::ContextPtr;
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

inline TaskResult<JsonObject> answer(Probe* probe, ContextPtr context, Work in) {
  context->set_subject("subject of " + in.name);
  co_return JsonObject{{"name", in.name}, {"ran", ++probe->ran}, {"token", "t-123"}};
}

// Goes on until the gate opens, or until it is told to stop.
inline TaskResult<JsonObject> wait_at_gate(Probe* probe, Work in) {
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

inline TaskResult<JsonObject> throws(Probe* probe) {
  ++probe->ran;
  throw std::runtime_error("/etc/secret-path is not there");
  co_return JsonObject{};
}

inline TaskResult<JsonObject> refuses(Probe* probe) {
  ++probe->ran;
  co_return base::fail(base::Code::conflict, "it is full");
}

inline TaskResult<JsonObject> asks(ContextPtr context) {
  auto given = co_await context->ask({{"message", "sure?"}});
  if (!given) co_return std::unexpected(given.error());
  co_return std::move(*given);
}

}  // namespace telltale::catalog
