// The scripts of the scenes: what is said to the server, in which order. Each plays on a
// Conversation of its own; what comes of it is judged later (rule.hpp). Nothing here calls a tool
// that is neither read-only nor allowed, but with a name that does not exist or without the
// arguments it requires.
#pragma once

#include "lab/conformance/conversation.hpp"

namespace telltale::lab {

struct Play {
  std::string version;                    // that initialize asks for
  base::Duration limit{};                 // of one request
  std::vector<std::string> allowed = {};  // tools that may be called besides the read-only ones
  std::size_t garbage_from = 0;           // where the scene "garbage" goes on after a death
};

using Script = runtime::Task<bool> (*)(std::shared_ptr<Conversation>, Play);

// What can be sent that no client would: name and text, with what is expected of the server.
struct Garbage {
  std::string_view name;
  std::string_view what;  // for people
  bool wants_error;       // an error must come back; else only survival counts
  std::string (*make)(mcp::Era era, bool stdio);
};
const std::vector<Garbage>& garbage_inputs();

runtime::Task<bool> play_discover(std::shared_ptr<Conversation> talk, Play play);
runtime::Task<bool> play_version(std::shared_ptr<Conversation> talk, Play play);
runtime::Task<bool> play_early(std::shared_ptr<Conversation> talk, Play play);
runtime::Task<bool> play_session(std::shared_ptr<Conversation> talk, Play play);
runtime::Task<bool> play_garbage(std::shared_ptr<Conversation> talk, Play play);
runtime::Task<bool> play_http(std::shared_ptr<Conversation> talk, Play play);
runtime::Task<bool> play_http_modern(std::shared_ptr<Conversation> talk, Play play);

}  // namespace telltale::lab
