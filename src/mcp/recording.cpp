#include "mcp/recording.hpp"

#include <fmt/format.h>

#include "base/duration.hpp"
#include "base/encoding.hpp"
#include "base/redact.hpp"
#include "mcp/jsonrpc.hpp"

namespace telltale::mcp {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr std::size_t kNoCut = kMessageLimit;

base::Json hidden_in(std::string_view argument) {
  const auto equals = argument.find('=');
  if (equals != std::string_view::npos && base::names_secret(argument.substr(0, equals)))
    return base::Json(std::string(argument.substr(0, equals + 1)) + std::string(base::kHidden));
  return base::Json(argument);
}

// --token=x and --token x; what a program takes without a name cannot be known.
base::JsonArray hidden_arguments(const std::vector<std::string>& args) {
  base::JsonArray out;
  bool secret = false;
  for (const auto& one : args) {
    out.push_back(secret && !one.starts_with('-') ? base::Json(base::kHidden) : hidden_in(one));
    std::string_view name(one);
    secret = name.starts_with('-') && name.find('=') == std::string_view::npos &&
             base::names_secret(name);
  }
  return out;
}

// Without user, password, query and fragment.
std::string bare_url(std::string_view url) {
  auto out = std::string(url.substr(0, url.find_first_of("?#")));
  const auto host = out.find("://");
  if (host == std::string::npos) return out;
  const auto at = out.substr(0, out.find('/', host + 3)).rfind('@');
  if (at != std::string::npos) out.erase(host + 3, at - host - 2);
  return out;
}

base::Result<RecordingHead> read_head(const base::JsonObject& line) {
  if (base::find_integer(line, "recording") != kFormat)
    return base::fail(base::Code::invalid_argument,
                      "line 1: is no head of a recording: {\"recording\": 1, …}");
  RecordingHead out{.name = base::string_or(line, "name"),
                    .time = {},
                    .transport = base::string_or(line, "transport", "stdio"),
                    .command = base::string_or(line, "command"),
                    .url = base::string_or(line, "url")};
  if (const auto time = base::parse_rfc3339(base::string_or(line, "time"))) out.time = *time;
  if (const auto* args = base::find_array(line, "args"))
    for (const auto& one : *args)
      if (const auto* text = one.if_string()) out.args.emplace_back(*text);
  out.left_out = static_cast<std::uint64_t>(
      std::max<std::int64_t>(base::find_integer(line, "left_out").value_or(0), 0));
  return out;
}

// `before`: the session of the message before it.
base::Result<RecordedMessage> read_message(base::JsonObject& line, int number, int before) {
  const auto wrong = [number](std::string_view what) {
    return base::fail(base::Code::invalid_argument, fmt::format("line {}: {}", number, what));
  };
  const auto direction = base::string_or(line, "direction");
  if (direction != "to_server" && direction != "to_client")
    return wrong("direction must be to_server or to_client");
  const auto at = base::find_number(line, "at_ms").value_or(-1);
  if (!(at >= 0 && at <= 1e12)) return wrong("at_ms must be a number, milliseconds since begin");
  RecordedMessage out{.to_server = direction == "to_server",
                      .at = base::from_ms(at),
                      .message = nullptr,
                      .session = 1,
                      .line = number};
  if (line.contains("session")) {
    const auto session = base::find_integer(line, "session").value_or(0);
    if (session < 1 || session > kRecordingSessions)
      return wrong(fmt::format("session must be a number from 1 to {}", kRecordingSessions));
    out.session = static_cast<int>(session);
  }
  if (out.session < before) return wrong("session must not be less than in the line before");
  if (auto* const message = line.if_contains("message"))
    out.message = std::move(*message);
  else if (const auto text = base::find_string(line, "text"))
    out.text = *text;
  else
    return wrong("needs message, or text where it was no JSON");
  return out;
}

}  // namespace

std::string recording_head(const RecordingHead& head) {
  base::JsonObject out{{"recording", kFormat},
                       {"name", head.name},
                       {"time", base::format_rfc3339(head.time)},
                       {"transport", head.transport}};
  if (!head.command.empty()) {
    out["command"] = head.command;
    out["args"] = hidden_arguments(head.args);
  }
  if (!head.url.empty()) out["url"] = bare_url(head.url);
  if (head.left_out > 0) out["left_out"] = head.left_out;
  return base::write_json(out);
}

std::string recording_line(bool to_server, base::Duration at, std::string_view text, int session) {
  std::string content;
  auto parsed = base::parse_json(text, {.max_depth = kMessageDepth, .max_bytes = kMessageLimit});
  if (parsed && !parsed->is_null())
    content = "\"message\":" + base::write_json(base::redact(*parsed, kNoCut));
  else
    content = "\"text\":" +
              base::write_json(base::Json(base::to_utf8(text.substr(0, base::kShownTextLimit))));
  // 0.845, where the JSON library would write 8.45E-1.
  return fmt::format("{{\"at_ms\":{:.3f},\"direction\":\"{}\",{}{}}}", base::to_ms(at),
                     to_server ? "to_server" : "to_client",
                     session == 1 ? "" : fmt::format("\"session\":{},", session), content);
}

base::Result<Recording> read_recording(std::string_view text) {
  if (text.size() > kRecordingBytes)
    return base::fail(base::Code::too_large,
                      fmt::format("{} bytes, at most {} are taken", text.size(), kRecordingBytes));
  Recording out;
  bool has_head = false;
  for (int number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    const bool whole = end != std::string_view::npos;
    text.remove_prefix(whole ? end + 1 : text.size());
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    auto parsed = base::parse_json(
        line, {.max_depth = kMessageDepth + 1, .max_bytes = kMessageLimit + (64U << 10U)});
    if (!parsed && !whole && has_head) break;
    if (!parsed || !parsed->is_object())
      return base::fail(base::Code::invalid_argument,
                        fmt::format("line {}: is no JSON object", number));
    if (!has_head) {
      auto head = read_head(parsed->get_object());
      if (!head) return std::unexpected(head.error());
      out.head = std::move(*head);
      has_head = true;
      continue;
    }
    if (out.messages.size() == kRecordingMessages)
      return base::fail(base::Code::too_large,
                        fmt::format("more than {} messages", kRecordingMessages));
    auto message = read_message(parsed->get_object(), number,
                                out.messages.empty() ? 1 : out.messages.back().session);
    if (!message) return std::unexpected(message.error());
    out.messages.push_back(std::move(*message));
  }
  if (!has_head) return base::fail(base::Code::invalid_argument, "the recording is empty");
  return out;
}

}  // namespace telltale::mcp
