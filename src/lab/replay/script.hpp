// Script: a recording in the order of its messages, each answer beside its request. What the client
// said is to be said again; what the server said is what to wait for and compare. Pure; lives as
// long as the recording it points into.
#pragma once

#include <vector>

#include "mcp/recording.hpp"

namespace telltale::lab {

struct Line {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  enum class Part { request, notification, answer, other };  // other: no message, or a batch

  const mcp::RecordedMessage* recorded = nullptr;
  Part part = Part::other;
  std::string method;           // of an answer: that of its request
  std::string id;               // as JSON
  std::size_t partner = kNone;  // of a request its answer, of an answer its request
  std::size_t nth = 0;          // of a request: how many of its method this side sent before

  bool to_server() const noexcept { return recorded->to_server; }
};

std::vector<Line> script_of(const mcp::Recording& recording);
Line::Part part_of(const base::Json& message);
std::string id_of(const base::Json& message);  // as JSON; "" without one
// "line 12: tools/call echo", of a request or an answer.
std::string describe(const Line& line);

}  // namespace telltale::lab
