// What a simulation does: who comes, how they behave, behind what link, and what must hold at the
// end. Plain values; the faces fill them in.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "runtime/task.hpp"
#include "simulate/link_profile.hpp"

namespace telltale::simulate {

// One call that a caller makes again and again.
struct ToolCall {
  std::string server;
  std::string tool;
  base::JsonObject arguments;
};

// "first_frame_p95_ms<=1500": a figure of the summary and what it has to be.
struct Objective {
  std::string text;
  std::string figure;
  bool at_most = true;  // else: at least
  double value = 0;
};
// invalid_argument: not of this form, or no figure of this name (all are named).
base::Result<Objective> parse_objective(std::string_view text);

struct Plan {
  std::string url = "http://127.0.0.1:8000";
  // A fresh access token; asked for at the beginning and every ten minutes.
  std::function<runtime::TaskResult<std::string>()> token;
  bool verify_peer = true;  // of TLS
  std::size_t viewers = 10;
  std::size_t callers = 0;
  base::Duration duration = std::chrono::seconds(30);
  base::Duration ramp = std::chrono::seconds(5);  // all have joined for the first time by then
  std::uint64_t seed = 1;
  std::string source = "test";
  std::string quality = "auto";  // at first: low, medium, high or auto
  // Means of exponential distributions; zero: never.
  base::Duration stay = std::chrono::seconds(60);         // until one leaves
  base::Duration away = std::chrono::seconds(2);          // until it comes back
  base::Duration settled = std::chrono::seconds(20);      // until one chooses another quality
  base::Duration think = std::chrono::milliseconds(500);  // of a caller, between two calls
  LinkProfile link = {.name = "perfect", .shaped = false};
  std::vector<ToolCall> calls =
      {};  // empty: what running servers declare read-only and takes nothing
  std::vector<Objective> objectives = {};
};

}  // namespace telltale::simulate
