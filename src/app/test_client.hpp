// --test-client: viewers of the test pattern that join, choose, leave and come back as long as the
// server runs, over its own sockets as any client (simulate). Home loop; stop() lets them leave.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "base/error.hpp"
#include "runtime/sync.hpp"
#include "runtime/task_group.hpp"

namespace telltale::app {

class TestClient {
 public:
  using Token = std::function<base::Result<std::string>()>;
  TestClient(runtime::Loop& loop, std::string url, Token token);

  void start();  // any thread, once the server listens
  runtime::Task<> stop();

 private:
  static runtime::Task<> run(TestClient* self);

  runtime::Loop& loop_;
  std::string url_;
  Token token_;
  std::atomic<bool> ends_{false};
  runtime::OneShot<bool> gone_;  // the last of them
  runtime::TaskGroup tasks_;
};

}  // namespace telltale::app
