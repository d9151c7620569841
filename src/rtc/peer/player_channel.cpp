#include "rtc/peer/player_channel.hpp"

namespace telltale::rtc {
namespace {

constexpr std::size_t kReportMax = std::size_t{16} * 1024;

}  // namespace

bool PlayerChannel::tell(std::string_view text, base::SteadyTime now) {
  return link_ != nullptr &&
         link_->send(stats_, DataLink::Kind::text, as_bytes(text), now).has_value();
}

void PlayerChannel::on_message(DataLink& link, sctp::ChannelId id, const std::string& label,
                               DataLink::Kind kind, Bytes message) {
  if (label == "echo") {
    (void)link.send(id, kind, message, clock_.now());
  } else if (label == "stats" && message.size() <= kReportMax) {
    link_ = &link;
    stats_ = id;
    auto parsed = base::parse_json(as_text(message), {.max_depth = 8, .max_bytes = kReportMax});
    if (!parsed || !parsed->is_object()) return;
    report_ = std::move(parsed->as_object());
    reported_at_ = clock_.wall();
  }
}

}  // namespace telltale::rtc
