// Script: a recording in the order of its messages, each answer beside its request. What the client
// said is to be said again; what the server said is what to wait for and compare. Pure; lives as
// long as the recording it points into.
#pragma once

#include <span>
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
  // Of a request: how many of its method this side sent before; of a stray: how many there were.
  std::size_t nth = 0;

  // Of the server, and belongs to nothing: an error without an id, what is no message.
  bool is_stray() const noexcept {
    return !to_server() && (part == Part::other || (part == Part::answer && partner == kNone));
  }
  bool to_server() const noexcept { return recorded->to_server; }
};

// Of the whole recording, or of one of its sessions: ids are those of a session.
std::vector<Line> script_of(std::span<const mcp::RecordedMessage> messages);
std::vector<std::span<const mcp::RecordedMessage>> sessions_of(const mcp::Recording& recording);
Line::Part part_of(const base::Json& message);
std::string id_of(const base::Json& message);  // as JSON; "" without one
// "line 12: tools/call echo", of a request or an answer.
std::string describe(const Line& line);

}  // namespace telltale::lab
