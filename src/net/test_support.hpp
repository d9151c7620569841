// For the tests of net: a runtime with one real loop, and tasks run on it from the test's own
// thread.
#pragma once

#include <gtest/gtest.h>

#include "runtime/run.hpp"
#include "runtime/runtime.hpp"
#include "runtime/sync.hpp"

namespace telltale::net {

using namespace std::chrono_literals;

class NetTest : public ::testing::Test {
 protected:
  explicit NetTest(std::size_t loops = 1) : runtime_(loops) { runtime_.start(); }
  ~NetTest() override { runtime_.stop(); }

  runtime::Loop& loop() { return runtime_.loop(0); }
  std::vector<runtime::Loop*> loops() {
    std::vector<runtime::Loop*> out;
    out.reserve(runtime_.size());
    for (std::size_t i = 0; i < runtime_.size(); ++i) out.push_back(&runtime_.loop(i));
    return out;
  }

  template <class T>
  T run(runtime::Task<T> task) {
    return *runtime::run_to_completion(loop(), none_, "test", std::move(task));
  }
  void run(runtime::Task<> task) {
    run([](runtime::Task<> inner) -> runtime::Task<bool> {
      co_await std::move(inner);
      co_return true;
    }(std::move(task)));
  }
  // A plain function, on the loop.
  template <class Function>
  auto on_loop(Function function) {
    std::promise<decltype(function())> promise;
    auto future = promise.get_future();
    loop().post([&] {
      if constexpr (std::is_void_v<decltype(function())>) {
        function();
        promise.set_value();
      } else {
        promise.set_value(function());
      }
    });
    return future.get();
  }

 private:
  runtime::Runtime runtime_;
  runtime::TaskGroup none_{runtime_.loop(0), "none"};
};

}  // namespace telltale::net
