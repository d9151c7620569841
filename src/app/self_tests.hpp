// --run-tests: the server tries itself, as a client over its own sockets while it serves: its
// fleet, a real WebRTC connection with media, a viewer from joining to an asynchronous close.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "runtime/task.hpp"
#include "simulate/plan.hpp"

namespace telltale::app {

struct SelfTestResult {
  std::string name;
  bool ok = false;
  bool left_out = false;  // it cannot be tried here; `detail` says why
  base::Duration took = {};
  std::string detail;
};

// On the current loop. `plan` says where and as whom.
runtime::Task<std::vector<SelfTestResult>> run_self_tests(simulate::Plan plan);
std::string report_of(const std::vector<SelfTestResult>& results);

}  // namespace telltale::app
