#include "store/chat.hpp"

namespace telltale::store {
namespace {

constexpr std::string_view kColumns =
    "SELECT id, room, author_id, author_name, text, time FROM chat ";

ChatMessage read_row(const Row& row) {
  return {.id = row.text(0),
          .room = row.text(1),
          .author_id = row.text(2),
          .author_name = row.text(3),
          .text = row.text(4),
          .time = base::from_unix_ms(row.integer(5))};
}

}  // namespace

base::Result<void> save_chat(Connection& db, const ChatMessage& message) {
  const auto time = base::unix_ms(message.time);
  if (auto done = db.execute(
          "INSERT INTO chat VALUES(?,?,?,?,?,?)",
          {message.id, message.room, message.author_id, message.author_name, message.text, time});
      !done)
    return done;
  const auto oldest =
      time - std::chrono::duration_cast<std::chrono::milliseconds>(kChatKeptFor).count();
  return db.execute(
      "DELETE FROM chat WHERE time<?1 OR id<=(SELECT id FROM chat ORDER BY id DESC LIMIT 1 "
      "OFFSET ?2)",
      {oldest, kChatKept});
}

base::Result<std::optional<ChatMessage>> find_chat(Connection& db, const std::string& id) {
  std::optional<ChatMessage> out;
  auto done = db.query(std::string(kColumns) + "WHERE id=?", {id},
                       [&](const Row& row) { out = read_row(row); });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<void> delete_chat(Connection& db, const std::string& id) {
  return db.execute("DELETE FROM chat WHERE id=?", {id});
}

base::Result<std::vector<ChatMessage>> list_chat(Connection& db, const std::string& room,
                                                 const std::string& before, std::size_t limit) {
  std::vector<ChatMessage> out;
  auto done = db.query(
      std::string(kColumns) + "WHERE room=?1 AND (?2='' OR id<?2) ORDER BY id DESC LIMIT ?3",
      {room, before, static_cast<std::int64_t>(limit)},
      [&](const Row& row) { out.push_back(read_row(row)); });
  if (!done) return std::unexpected(done.error());
  return out;
}

}  // namespace telltale::store
