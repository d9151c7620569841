// What was said between us and a server while it was examined: scenes (one instance or session
// each) of steps (one thing sent, with what came of it), and every message with its time. Judges
// (rule.hpp) are pure functions over a Record, so they are tested without any server. Values.
#pragma once

#include <deque>
#include <set>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "mcp/client.hpp"

namespace telltale::lab {

struct Message {
  std::string text;  // as on the wire
  base::Json json;   // null when it is none
  bool is_json = false;
  bool utf8 = true;
  std::size_t step = 0;      // that was under way
  std::size_t exchange = 0;  // HTTP
  std::string event_id = {};
  base::Duration at{};

  const base::JsonObject* object() const { return json.if_object(); }
  bool is_response() const;
  bool is_request() const;       // of the server to us
  bool is_notification() const;  // of the server to us
};

struct Step {
  // answered: by the message that belongs to it; quiet: no answer until the next was answered, or
  // until the HTTP exchange ended; late: none within the time; broken: the process or connection.
  enum class End { answered, quiet, late, broken };
  std::string name;
  std::string sent;
  base::JsonObject request = {};  // {} when what was sent is none
  End end = End::late;
  base::JsonObject answer = {};  // the whole response
  std::string answer_text = {};
  base::Duration took{};
  bool alive = true;  // after it: the process runs and answers
  std::string trouble = {};
  std::vector<std::size_t> messages = {};  // that came meanwhile: indices of Scene::messages
  // HTTP
  std::size_t exchange = 0;
  int status = 0;
  net::Headers headers = {};
  bool ended = false;  // the whole answer came
  bool wanted_end = false;
  base::Duration began{};

  bool answered() const noexcept { return end == End::answered; }
  const base::JsonObject* result() const { return base::find_object(answer, "result"); }
  const base::JsonObject* error() const { return base::find_object(answer, "error"); }
  std::int64_t error_code() const;  // 0 without an error
};

struct Scene {
  std::string name;
  std::deque<Step> steps = {};  // pointers to steps stay good
  std::vector<Message> messages = {};
  std::vector<std::string> notes = {};            // stderr, the last kNotesLimit lines
  bool initialized = false;                       // the handshake, or discovery, has worked
  std::optional<net::ProcessExit> exit = {};      // by itself
  std::optional<base::Duration> exit_after = {};  // of the end of its input
  std::string trouble = {};                       // why it could not be played

  const Step* step(std::string_view name) const;  // the first of that name
};

inline constexpr std::size_t kNotesLimit = 50;

struct Record {
  mcp::Era era = mcp::Era::legacy;
  bool stdio = true;
  std::string version;
  base::JsonObject capabilities = {};
  base::JsonObject server_info = {};
  std::deque<Scene> scenes = {};

  const Scene* scene(std::string_view name) const;
  const Step* step(std::string_view scene, std::string_view step) const;
  bool has(std::string_view capability) const { return capabilities.contains(capability); }
};

// One of a list that a server gave (tools, prompts, …), with the step that brought it.
struct Item {
  const base::Json* value = nullptr;
  const Step* from = nullptr;
  const base::JsonObject* object() const { return value->if_object(); }
};
// The items below `member` of all pages that `method` gave in the scene "session".
std::vector<Item> items(const Record& record, std::string_view method, std::string_view member);

}  // namespace telltale::lab
