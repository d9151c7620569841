#include "rtc/peer/session.hpp"

#include <algorithm>

#include "rtc/rtp/rtcp_reader.hpp"

namespace telltale::rtc {
namespace {

srtp::Profile to_profile(dtls::SrtpProfile profile) noexcept {
  return static_cast<srtp::Profile>(static_cast<std::uint16_t>(profile));  // one registry
}

constexpr std::size_t kRtcpMax = 1'200;

}  // namespace

Session::Session(const Settings& settings, PacketBatch& batch, const Ntp& ntp, Listener& listener,
                 base::SteadyTime now)
    : batch_(batch),
      listener_(listener),
      send_(settings.send, ntp, now),
      receive_(settings.receive, ntp, *this, now),
      now_(now),
      local_ssrc_(settings.receive.local_ssrc) {}

Session::~Session() = default;

base::Result<std::unique_ptr<Session>> Session::open(const dtls::Context& context,
                                                     Settings settings, PacketBatch& batch,
                                                     const Ntp& ntp, Listener& listener,
                                                     base::SteadyTime now) {
  std::unique_ptr<Session> made(new Session(settings, batch, ntp, listener, now));
  settings.dtls.carries_data = static_cast<bool>(settings.make_data);
  auto dtls = dtls::Connection::open(context, std::move(settings.dtls), *made, now);
  if (!dtls) return std::unexpected(dtls.error());
  made->dtls_ = std::move(*dtls);
  if (settings.make_data)
    made->data_ = settings.make_data(
        [session = made.get()](Bytes datagram) { session->send_data(datagram); });
  return made;
}

void Session::start(base::SteadyTime now) {
  now_ = now;
  dtls_->start(now);
}

void Session::on_datagram(rtp::PacketKind kind, MutableBytes datagram, const ice::Path& from,
                          base::SteadyTime now) {
  if (closed_) return;
  now_ = now;
  ++counts_.packets_received;
  counts_.bytes_received += datagram.size();
  if (kind == rtp::PacketKind::dtls) {
    dtls_path_ = from;
    dtls_->on_datagram(datagram, now);
    return;
  }
  if (!receiver_) return;
  const auto size = kind == rtp::PacketKind::rtp ? receiver_->unprotect_rtp(datagram)
                                                 : receiver_->unprotect_rtcp(datagram);
  if (!size) {
    ++counts_.srtp_faults;
    return;
  }
  const auto plain = datagram.first(*size);
  if (kind == rtp::PacketKind::rtp)
    receive_.on_rtp(plain, now);
  else
    on_rtcp(plain, now);
}

void Session::on_rtcp(Bytes packet, base::SteadyTime now) {
  rtp::RtcpReader reader(packet);
  bool wants_key = false;
  while (const auto item = reader.next()) {
    wants_key = send_.on_rtcp(*item, now) || wants_key;
    receive_.on_rtcp(*item, now);
    if (const auto* reference = std::get_if<rtp::ReceiverReferenceTime>(&*item))
      reference_ =
          Reference{.ssrc = reference->ssrc, .middle = ntp_middle(reference->ntp), .at = now};
  }
  if (wants_key) listener_.on_key_frame_wanted();
}

void Session::drain(base::SteadyTime now) {
  const auto& to = path();
  if (!sender_ || closed_ || !to) return;
  now_ = now;
  send_.drain(*to, *sender_, batch_, now);
  send_rtcp(now);
}

void Session::send_rtcp(base::SteadyTime now) {
  const auto out = batch_.reserve();
  rtp::RtcpWriter writer(out.first(kRtcpMax));
  const bool reports = send_.write_reports(writer, now);
  if (reports && reference_) {
    const auto delay = static_cast<std::uint32_t>(base::to_seconds(now - reference_->at) * 65'536);
    writer.delay_since_last_reference(local_ssrc_, reference_->ssrc, reference_->middle, delay);
    reference_.reset();
  }
  // A compound begins with a report (RFC 3550 section 6.1), and not every peer takes less.
  rtp::RtcpWriter feedback(out.first(kRtcpMax).subspan(writer.size()));
  if (!reports) feedback.receiver_report(local_ssrc_);
  const bool told = receive_.write_feedback(feedback, now);
  auto size = writer.size();
  if (told) size += feedback.size();
  if (!reports && !told) return;
  const auto sealed = sender_->protect_rtcp(out, size);
  if (!sealed) return;
  batch_.commit(*path(), *sealed);
}

void Session::on_time(base::SteadyTime now) {
  if (closed_) return;
  now_ = now;
  dtls_->on_timeout(now);
  if (closed_) return;
  send_.on_time(now);
  receive_.on_time(now);
  if (data_ && connected()) data_->on_time(now);
}

base::SteadyTime Session::next_deadline() const {
  if (closed_) return base::SteadyTime::max();
  auto next = base::SteadyTime::max();
  if (const auto at = dtls_->next_deadline()) next = std::min(next, *at);
  if (!connected()) return next;
  if (send_.has_audio() || send_.has_video()) next = std::min(next, send_.next_deadline());
  if (const auto at = receive_.next_deadline()) next = std::min(next, *at);
  if (data_)
    if (const auto at = data_->next_deadline()) next = std::min(next, *at);
  return next;
}

void Session::close(base::SteadyTime now) {
  if (closed_) return;
  now_ = now;
  if (connected() && path()) {
    if (data_) data_->close(now);
    std::array<std::uint32_t, 3> ssrcs = {local_ssrc_};
    std::size_t count = 1;
    for (auto* stream : {send_.audio(), send_.video()})
      if (stream != nullptr) ssrcs[count++] = stream->ssrc();
    const auto out = batch_.reserve();
    rtp::RtcpWriter writer(out.first(kRtcpMax));
    writer.receiver_report(local_ssrc_);
    writer.bye(std::span(ssrcs).first(count));
    if (const auto sealed = sender_->protect_rtcp(out, writer.size()))
      batch_.commit(*path(), *sealed);
  }
  dtls_->close(now);
}

// --- DTLS ---

void Session::send_datagram(std::span<const std::uint8_t> datagram) {
  const auto& to = path();
  if (!to) return;
  ++counts_.packets_sent;
  counts_.bytes_sent += datagram.size();
  batch_.send(*to, datagram);
}

void Session::on_connected(const dtls::SrtpKeys& keys) {
  const auto profile = to_profile(keys.profile);
  auto sender = srtp::Sender::open(profile, keys.send.key(), keys.send.salt());
  auto receiver = srtp::Receiver::open(profile, keys.receive.key(), keys.receive.salt());
  if (!sender || !receiver) {
    dtls_->close(now_);
    return;
  }
  sender_.emplace(std::move(*sender));
  receiver_.emplace(std::move(*receiver));
  srtp_name_ = dtls::profile_name(keys.profile);
  if (data_) data_->on_connected(now_);
  listener_.on_session_connected(now_);
}

void Session::on_data(std::span<const std::uint8_t> data) {
  if (data_) data_->on_data(data, now_);
}

void Session::on_closed(const std::optional<base::Error>& error) {
  if (closed_) return;
  closed_ = true;
  listener_.on_session_closed(error);
}

void Session::send_data(Bytes datagram) {
  if (!closed_) (void)dtls_->send(datagram, now_);
}

// --- Media ---

void Session::on_frame(InboundStream& stream, const rtp::AssembledFrame& frame,
                       base::SteadyTime now) {
  listener_.on_session_frame(stream, frame, now);
}

void Session::fill(ConnectionStats& stats) {
  auto& transport = stats.transport;
  transport = counts_;
  const auto state = dtls_->state();
  transport.dtls_state = closed_                                 ? "closed"
                         : state == dtls::State::connected       ? "connected"
                         : counts_.packets_received > 0 || path_ ? "connecting"
                                                                 : "new";
  transport.dtls_role = dtls_->role() == dtls::Role::client ? "client" : "server";
  transport.dtls_cipher = dtls_->cipher_name();
  transport.tls_version = connected() ? "FEFD" : "";
  transport.srtp_cipher = srtp_name_;
  transport.dtls_retransmits = dtls_->retransmits();
  stats.outbound.clear();
  stats.remote_inbound.clear();
  stats.inbound.clear();
  const auto estimate = send_.estimate();
  for (auto* stream : {send_.audio(), send_.video()}) {
    if (stream == nullptr) continue;
    auto out = stream->stats();
    if (out.kind == "video") out.target_bitrate_bps = estimate.target_bps;
    transport.packets_sent += out.packets_sent + out.retransmitted_packets_sent;
    transport.bytes_sent += out.bytes_sent + out.header_bytes_sent + out.retransmitted_bytes_sent;
    stats.remote_inbound.push_back(send_.remote(out.kind == "video"));
    stats.outbound.push_back(std::move(out));
  }
  for (auto& stream : receive_.streams()) stats.inbound.push_back(stream.stats());
  stats.bandwidth = {.target_bps = estimate.target_bps,
                     .acknowledged_bps = estimate.acknowledged_bps,
                     .loss = estimate.loss,
                     .round_trip_s = base::to_seconds(estimate.rtt),
                     .queue_delay_s = base::to_seconds(estimate.queue_delay),
                     .usage = estimate.usage == congestion::Usage::overuse    ? "overuse"
                              : estimate.usage == congestion::Usage::underuse ? "underuse"
                                                                              : "normal",
                     .application_limited = estimate.application_limited};
}

}  // namespace telltale::rtc
