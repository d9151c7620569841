#include "cli/follow.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "cli/api_client.hpp"
#include "cli/output.hpp"
#include "net/websocket.hpp"

namespace telltale::cli {
namespace {

bool print_line(const base::JsonObject& message) {
  const auto* line = base::find_object(message, "data");
  if (base::string_or(message, "type") != "log" || line == nullptr) return false;
  std::string shown = base::string_or(*line, "message");
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < 0x20) c = '?';  // one line stays one line
  fmt::print("{} {:<8} {:<8} {}\n", text_of(*line, "time"), text_of(*line, "level"),
             text_of(*line, "stream"), shown);
  std::fflush(stdout);
  return false;
}

}  // namespace

runtime::TaskResult<bool> follow(Connection connection, base::JsonArray channels,
                                 std::string server, Visit visit) {
  auto token = co_await access_token(connection);
  if (!token) co_return std::unexpected(token.error());
  auto socket =
      co_await net::connect_websocket({.url = "ws" + connection.url.substr(4) + "/ws/mcp-status",
                                       .subprotocols = {"telltale.v1", "bearer." + *token}},
                                      {});
  if (!socket) co_return std::unexpected(socket.error());
  const base::JsonObject subscribe{
      {"action", "subscribe"},
      {"channels", std::move(channels)},
      {"filters", {{"mcp_names", base::JsonArray{base::Json(server)}}}}};
  if (auto sent = co_await (*socket)->write(
          {std::make_shared<const std::string>(base::write_json(subscribe))});
      !sent)
    co_return std::unexpected(sent.error());
  for (;;) {
    auto text = co_await (*socket)->read();
    if (!text) co_return std::unexpected(text.error());
    const auto message = base::parse_json(*text);
    if (message && message->is_object() && visit(message->get_object())) co_return true;
  }
}

runtime::TaskResult<bool> follow_logs(Connection connection, std::string server) {
  return follow(std::move(connection), {"logs"}, std::move(server), print_line);
}

}  // namespace telltale::cli
