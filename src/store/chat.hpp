// What people said to each other (presence/chat.hpp): the newest 10,000 messages of 30 days.
// Functions over a Connection.
#pragma once

#include "store/store.hpp"

namespace telltale::store {

struct ChatMessage {
  std::string id;    // sorts by time
  std::string room;  // a page of the dashboard; "" for everybody
  std::string author_id, author_name;
  std::string text;
  base::WallTime time;
};

constexpr std::int64_t kChatKept = 10'000;
constexpr auto kChatKeptFor = std::chrono::hours(24 * 30);

base::Result<void> save_chat(Connection& db, const ChatMessage& message);  // forgets old ones
base::Result<std::optional<ChatMessage>> find_chat(Connection& db, const std::string& id);
base::Result<void> delete_chat(Connection& db, const std::string& id);
// Newest first; `before`: an id, "" for the newest.
base::Result<std::vector<ChatMessage>> list_chat(Connection& db, const std::string& room,
                                                 const std::string& before, std::size_t limit);

}  // namespace telltale::store
