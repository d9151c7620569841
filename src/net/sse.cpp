#include "net/sse.hpp"

#include <charconv>

namespace telltale::net {

base::Result<std::vector<SseEvent>> SseParser::feed(std::string_view bytes) {
  std::vector<SseEvent> out;
  for (const char c : bytes) {
    if (skip_line_feed_ && c == '\n') {
      skip_line_feed_ = false;
      continue;
    }
    skip_line_feed_ = c == '\r';
    if (c == '\n' || c == '\r') {
      std::string_view text = buffer_;
      if (std::exchange(first_, false) && text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
      line(text, out);
      buffer_.clear();
      continue;
    }
    buffer_ += c;
    if (buffer_.size() + current_.data.size() > event_limit_)
      return base::fail(base::Code::too_large, "an event of the stream is over the limit");
  }
  return out;
}

void SseParser::line(std::string_view text, std::vector<SseEvent>& out) {
  if (text.empty()) {
    if (has_any_) {
      current_.id = last_event_id_;
      if (current_.data.ends_with('\n')) current_.data.pop_back();
      out.push_back(std::move(current_));
    }
    current_ = SseEvent{};
    has_any_ = false;
    return;
  }
  if (text.front() == ':') return;
  const auto colon = text.find(':');
  const auto field = text.substr(0, colon);
  auto value = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    current_.data.append(value).push_back('\n');
    current_.has_data = current_.has_data || !value.empty();
    has_any_ = true;
  } else if (field == "event") {
    current_.event = value.empty() ? "message" : std::string(value);
  } else if (field == "id" && value.find('\0') == std::string_view::npos) {
    last_event_id_ = value;
  } else if (field == "retry") {
    std::int64_t ms = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), ms);
    if (error == std::errc() && end == value.data() + value.size() && ms >= 0)
      retry_ = std::chrono::milliseconds(ms);
  }
}

}  // namespace telltale::net
