// Chat: short plain texts to everybody, or to whoever may see a page (its room). Kept in the store;
// each reader gets them without the links that are not for him. From any loop.
#pragma once

#include "presence/engine.hpp"
#include "store/chat.hpp"

namespace telltale::presence {

class Chat {
 public:
  static constexpr std::size_t kTextMax = 2'000;
  static constexpr std::size_t kListMax = 200;

  explicit Chat(Engine& engine) : engine_(engine) {}

  static runtime::TaskResult<base::JsonObject> say(Chat* self, runtime::Actor actor,
                                                   std::string room, std::string text);
  // Newest first.
  static runtime::TaskResult<base::JsonArray> list(Chat* self, runtime::Actor actor,
                                                   std::string room, std::string before,
                                                   std::size_t limit);
  // One's own, or any for who manages users.
  static runtime::TaskResult<base::JsonObject> remove(Chat* self, runtime::Actor actor,
                                                      std::string id);

 private:
  bool sees(const runtime::Actor& actor, const std::string& room) const;
  base::JsonObject record(const store::ChatMessage& message, const runtime::Actor& reader) const;

  Engine& engine_;
};

}  // namespace telltale::presence
