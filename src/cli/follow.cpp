#include "cli/follow.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "base/json.hpp"
#include "cli/api_client.hpp"
#include "net/websocket.hpp"

namespace telltale::cli {

runtime::TaskResult<bool> follow_logs(Connection connection, std::string server) {
  auto token = co_await access_token(connection);
  if (!token) co_return std::unexpected(token.error());
  auto socket =
      co_await net::connect_websocket({.url = "ws" + connection.url.substr(4) + "/ws/mcp-status",
                                       .subprotocols = {"telltale.v1", "bearer." + *token}},
                                      {});
  if (!socket) co_return std::unexpected(socket.error());
  const base::JsonObject subscribe{
      {"action", "subscribe"},
      {"channels", base::JsonArray{"logs"}},
      {"filters", {{"mcp_names", base::JsonArray{base::Json(server)}}}}};
  if (auto sent = co_await (*socket)->write(
          {std::make_shared<const std::string>(base::write_json(subscribe))});
      !sent)
    co_return std::unexpected(sent.error());
  for (;;) {
    auto text = co_await (*socket)->read();
    if (!text) co_return std::unexpected(text.error());
    const auto message = base::parse_json(*text);
    if (!message || !message->is_object() ||
        base::string_or(message->get_object(), "type") != "log")
      continue;
    const auto* line = base::find_object(message->get_object(), "data");
    if (line == nullptr) continue;
    std::string shown = base::string_or(*line, "message");
    for (char& c : shown)
      if (static_cast<unsigned char>(c) < 0x20) c = '?';
    fmt::print("{} {:<8} {:<8} {}\n", base::string_or(*line, "time"),
               base::string_or(*line, "level"), base::string_or(*line, "stream"), shown);
    std::fflush(stdout);
  }
}

}  // namespace telltale::cli
