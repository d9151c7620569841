// One request asked over and over by many callers at once: load. Its text is written once but for
// the id, and an answer that is byte for byte one read before, but for its id, is not read again.
// Everything else the server says meanwhile goes the session's usual way. Only over pipes: each
// HTTP request is an exchange of its own. Made by Client::volley(); the client's loop only; ends
// before its client.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mcp/client.hpp"

namespace telltale::mcp {

class Session;
struct RpcResponse;

struct VolleyRequest {
  std::string method;
  base::JsonObject params = {};
  std::size_t callers = 1;
};

struct VolleyEvents {
  // An answer not seen before, checked as call_tool() would: what is wrong with it, or "".
  std::function<std::string(base::Result<ToolCallResult> answer)> judge;
  std::function<void(std::size_t caller, const std::string& wrong)> answered;
  // There will be no answer: the server has gone, or is going.
  std::function<void(std::size_t caller, const base::Error& why)> failed;
  // Once: the server does not answer by one message (input_required, a task). Whoever waits waits
  // in vain; nothing is told from here on.
  std::function<void()> unfit;
};

class Volley {
 public:
  Volley(std::shared_ptr<Session> session, VolleyRequest request, VolleyEvents events);
  Volley(const Volley&) = delete;
  Volley& operator=(const Volley&) = delete;
  ~Volley();

  // The caller must not be waiting already.
  base::Result<void> ask(std::size_t caller);
  // It does not wait any more: the server is told, and an answer that still comes is a finding.
  void give_up(std::size_t caller);

  // For the session: true when the text was an answer to one of ours, wholly dealt with.
  bool take(std::string_view text);
  // An answer that had to be read; `text` is all of it, or empty where it was one of several.
  bool take(RpcResponse& response, std::string_view text);
  bool take_failure(std::int64_t id, const base::Error& why);
  void end(const base::Error& why);

 private:
  // An answer around its id, and what was said of it.
  struct Shape {
    std::string before, after;
    std::string wrong;
    std::string breach;  // of the tool's outputSchema: counted each time
  };
  enum class Whose { current, ended, other };
  Whose whose(std::int64_t id) const noexcept;
  std::size_t caller_of(std::int64_t id) const noexcept;
  void stale(std::int64_t id);
  bool final(const base::JsonObject& result);
  Shape judged(base::Result<base::JsonObject> outcome);
  void learn(std::string_view text, std::int64_t id, const Shape& shape);
  void deliver(std::int64_t id, const Shape& shape);
  void stop_waiting();

  std::shared_ptr<Session> session_;
  VolleyRequest request_;
  VolleyEvents events_;
  std::string before_, after_;  // the request around its id
  std::int64_t first_id_;
  std::vector<std::int64_t> waiting_;   // by caller: the id it waits for, 0 when for none
  std::vector<std::int64_t> asked_;     // by caller: how often
  std::vector<std::int64_t> given_up_;  // the newest few ids, to tell late from twice
  std::vector<Shape> shapes_;
  bool over_ = false;
};

}  // namespace telltale::mcp
