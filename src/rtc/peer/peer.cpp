#include "rtc/peer/peer.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "rtc/codec.hpp"
#include "rtc/peer/data_link.hpp"
#include "rtc/peer/negotiation.hpp"
#include "rtc/peer/path_record.hpp"

namespace telltale::rtc {
namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 100ms;
constexpr auto kDtlsAfterIce = 5s;
constexpr auto kSilence = 8s;  // then it counts as disconnected, until consent ends
constexpr std::size_t kPathsMax = 8;

}  // namespace

Peer::Peer(Settings settings, PeerHost& host, ice::Credentials local)
    : settings_(std::move(settings)),
      host_(host),
      agent_(settings_.ice, std::move(local), host.clock().now()),
      player_(host.clock()),
      agreement_(settings_.role),
      heard_(host.clock().now()),
      look_at_(host.clock().now() + kLook),
      quality_(host.clock().now()) {
  times_.created = host.clock().wall();
  ufrags_.push_back(agent_.local().ufrag);
}

Peer::~Peer() {
  for (const auto& path : paths_) host_.unmap(path, *this);
}

base::Result<std::unique_ptr<Peer>> Peer::open(Settings settings, std::string_view offer,
                                               PeerHost& host, const OpenPublication& publication) {
  std::unique_ptr<Peer> peer(new Peer(std::move(settings), host, ice::Credentials::generate()));
  if (auto begun = peer->begin(offer, publication); !begun) return std::unexpected(begun.error());
  peer->after(host.clock().now());
  return peer;
}

base::Result<std::unique_ptr<Peer>> Peer::open_offering(Settings settings, PeerHost& host) {
  CHECK(settings.role == ConnectionRole::viewer);
  std::unique_ptr<Peer> peer(new Peer(std::move(settings), host, ice::Credentials::generate()));
  if (auto made = peer->make_offer(); !made) return std::unexpected(made.error());
  peer->after(host.clock().now());
  return peer;
}

sdp::AnswerSettings Peer::ours() const {
  const bool views = settings_.role == ConnectionRole::viewer;
  auto out = answer_settings_for(views ? settings_.source.get() : nullptr, agent_.local(),
                                 host_.dtls().fingerprint());
  out.candidates = settings_.candidates;
  return out;
}

base::Result<void> Peer::begin(std::string_view offer, const OpenPublication& publication) {
  auto terms = agreement_.answer(offer, ours());
  if (!terms) return std::unexpected(terms.error());
  agent_.set_remote(terms->plan.remote_ice);
  if (settings_.role != ConnectionRole::viewer) {
    auto opened = publication(agreement_.video(), agreement_.audio());
    if (!opened) return std::unexpected(opened.error());
    publication_ = std::move(*opened);
  }
  return open_session(*terms);
}

base::Result<void> Peer::make_offer() {
  if (auto made = agreement_.offer(ours()); !made) return made;
  answer_until_ = host_.clock().now() + settings_.ice.connect_timeout;
  state_ = ConnectionState::offered;
  return {};
}

base::Result<void> Peer::take_answer(std::string_view answer) {
  auto terms = agreement_.read_answer(answer);
  if (!terms) return std::unexpected(terms.error());
  if (auto opened = open_session(*terms); !opened) {
    agreement_.forget();
    return opened;
  }
  agreement_.settle();
  times_.answered = host_.clock().wall();
  state_ = ConnectionState::connecting;
  const auto now = host_.clock().now();
  agent_.answered(terms->plan.remote_ice, now);
  host_.changed(*this);
  // It may have found its path while the answer was under way.
  look_at_ice(now);
  after(now);
  return {};
}

base::Result<void> Peer::open_session(const Agreement::Terms& terms) {
  const auto& plan = terms.plan;
  auto settings = session_settings(plan, terms.audio, terms.video);
  settings.receive.keeps_payload = publication_ != nullptr;
  // Its time begins now, long before ICE is done: whatever is late is ICE's fault first.
  settings.dtls.handshake_timeout = settings_.ice.connect_timeout + kDtlsAfterIce;
  settings.send.congestion.rates.start_bps = settings_.start_bps;
  settings.send.congestion.rates.max_bps = settings_.max_bps;
  if (plan.data)
    settings.make_data = [this, &plan](DataPath::Send send) {
      return std::make_unique<DataLink>(plan, std::move(send), player_);
    };
  const auto now = host_.clock().now();
  auto session =
      Session::open(host_.dtls(), std::move(settings), host_.batch(), host_.ntp(), *this, now);
  if (!session) return std::unexpected(session.error());
  session_ = std::move(*session);
  if (settings_.role != ConnectionRole::viewer) return {};
  viewer_ = std::make_unique<Viewer>(Viewer::Settings{.source = settings_.source,
                                                      .video = agreement_.video(),
                                                      .audio = agreement_.audio(),
                                                      .quality = settings_.quality,
                                                      .start_bps = settings_.start_bps},
                                     host_.feeds(), session_->sending(), host_.clock(),
                                     static_cast<Viewer::Listener&>(*this));
  return {};
}

// --- What comes in ---

void Peer::on_stun(Bytes datagram, const ice::Path& from, base::SteadyTime now) {
  if (closed()) return;
  const auto out = host_.batch().reserve();
  const auto size = agent_.on_packet(datagram, from, now, out);
  if (size > 0) host_.batch().commit(from, size);
  if (agent_.verified(from, now)) {
    heard_ = now;
    learn_path(from, now);
  }
  look_at_ice(now);
  after(now);
}

void Peer::learn_path(const ice::Path& path, base::SteadyTime now) {
  if (std::ranges::find(paths_, path) != paths_.end()) return;
  if (paths_.size() >= kPathsMax) {
    const auto old = std::ranges::find_if(
        paths_, [&](const ice::Path& at) { return !agent_.verified(at, now); });
    if (old == paths_.end()) return;
    host_.unmap(*old, *this);
    paths_.erase(old);
  }
  if (host_.map(path, *this)) paths_.push_back(path);
}

void Peer::look_at_ice(base::SteadyTime now) {
  agent_.on_time(now);
  const bool waiting = agent_.state() == ice::LiteAgent::State::waiting;
  if (awaits_answer() && now >= answer_until_ && !waiting) {
    end("timeout", base::Error{.code = base::Code::deadline_exceeded,
                               .detail = "the offer was not answered in time"});
    return;
  }
  if (agent_.state() == ice::LiteAgent::State::expired) {
    const bool was = times_.ice_connected.has_value();
    end(was ? "consent" : "timeout",
        base::Error{.code = base::Code::deadline_exceeded,
                    .detail = was ? "the peer gave no sign of life for the consent time"
                              : awaits_answer() ? "the offer was not answered in time"
                                                : "no connection came about in time"});
    return;
  }
  const auto selected = agent_.selected();
  if (!selected || !session_) return;
  session_->set_path(selected);
  if (times_.ice_connected) return;
  times_.ice_connected = host_.clock().wall();
  session_->start(now);
  host_.changed(*this);
}

void Peer::on_datagram(rtp::PacketKind kind, MutableBytes datagram, const ice::Path& from,
                       base::SteadyTime now) {
  // DTLS, which can answer with more than it was asked, only from where consent is.
  // A greeting that is quicker than the answer comes again.
  if (closed() || !session_ || !agent_.verified(from, now)) return;
  heard_ = now;
  session_->on_datagram(kind, datagram, from, now);
  after(now);
}

// --- Time ---

void Peer::on_due(base::SteadyTime now) {
  if (closed()) return;
  look_at_ice(now);
  if (!closed() && session_) session_->on_time(now);
  if (!closed() && now >= look_at_) {
    look_at_ = now + kLook;
    if (viewer_ && connected()) {
      quality_.look(*viewer_, now);
      update_viewer(now);
    }
    const bool silent = now - heard_ > kSilence;
    if (silent && state_ == ConnectionState::connected) tell(ConnectionState::disconnected);
  }
  after(now);
}

void Peer::update_viewer(base::SteadyTime now) {
  const auto updated = viewer_->update(now);
  if (updated) return;
  error_ = updated.error().detail;
  close("source");
}

// Sends what is due and says when to be called again.
void Peer::after(base::SteadyTime now) {
  if (!closed() && connected() && viewer_ && viewer_->looks_until()) update_viewer(now);
  if (closed()) return;
  if (state_ == ConnectionState::disconnected && now - heard_ < kLook)
    tell(ConnectionState::connected);
  auto next = look_at_;
  if (session_) {
    session_->drain(now);
    next = std::min(next, session_->next_deadline());
    if (viewer_ && viewer_->looks_until()) next = std::min(next, *viewer_->looks_until());
  }
  if (awaits_answer()) next = std::max(now, answer_until_);  // nothing is sent so far
  if (const auto at = agent_.next_deadline()) next = std::min(next, *at);
  host_.wheel().arm(*this, next);
}

void Peer::tell(ConnectionState state) {
  state_ = state;
  host_.changed(*this);
}

// --- The session's and the viewer's word ---

void Peer::on_session_connected(base::SteadyTime now) {
  times_.connected = host_.clock().wall();
  quality_.begin(now);
  state_ = ConnectionState::connected;
  if (viewer_) {
    if (auto started = viewer_->start(); !started) {
      error_ = started.error().detail;
      close("source");
      return;
    }
  }
  host_.changed(*this);
}

void Peer::on_session_closed(const std::optional<base::Error>& error) {
  if (!asked_reason_.empty())
    end(asked_reason_, std::nullopt);
  else
    end(error ? "dtls" : "peer", error);
}

void Peer::on_key_frame_wanted() {
  request_key_frame();
}

void Peer::request_key_frame() {
  if (viewer_) viewer_->request_key_frame();
  if (publication_ && session_) session_->receiving().ask_for_key();
}

void Peer::on_pushed(base::SteadyTime now) {
  after(now);
}

void Peer::on_switched(const Viewer::Switch& change) {
  host_.switched(*this, quality_.add(change, host_.clock().wall()));
}

void Peer::on_source_end(const std::string& reason) {
  error_ = reason;
  close(reason.empty() ? "content_end" : "source");
}

void Peer::on_session_frame(InboundStream& stream, const rtp::AssembledFrame& frame,
                            base::SteadyTime now) {
  if (!times_.first_packet) times_.first_packet = host_.clock().wall();
  if (frame.key && is_video(stream.codec()) && !times_.first_key_frame)
    times_.first_key_frame = host_.clock().wall();
  if (!publication_) return;
  auto out = std::make_shared<MediaFrame>();
  if (!stream.read(frame, out->bytes)) {
    stream.ask_for_key();
    return;
  }
  out->codec = stream.codec();
  out->key = frame.key || !is_video(stream.codec());
  out->timestamp = lip_sync_.map(stream, frame.timestamp, now);
  out->due = now;
  if (!publication_->on_frame(std::move(out))) close("replaced");
}

// --- Orders ---

sdp::Fragment Peer::restart(const ice::Credentials& remote) {
  agent_.restart(ice::Credentials::generate(), remote);
  ufrags_.push_back(agent_.local().ufrag);
  sdp::Fragment out{.ice = agent_.local()};
  if (!agreement_.mids().empty())
    out.media.push_back({.mid = agreement_.mids().front(),
                         .candidates = settings_.candidates,
                         .end_of_candidates = true});
  host_.changed(*this);
  return out;
}

base::Result<void> Peer::set_quality(Quality quality) {
  if (settings_.role != ConnectionRole::viewer)
    return base::fail(base::Code::conflict, "this connection is a publisher's: it is sent nothing");
  if (!viewer_) {  // its offer waits for the answer: it begins with it
    settings_.quality = quality;
    host_.changed(*this);
    return {};
  }
  const auto now = host_.clock().now();
  auto set = viewer_->set_quality(quality, now);
  settings_.quality = viewer_->quality();
  after(now);
  host_.changed(*this);
  return set;
}

base::Result<void> Peer::limit_quality(bool lower, congestion::SwitchReason why) {
  if (!viewer_ || !connected())
    return base::fail(base::Code::conflict, "this connection is sent nothing");
  const auto now = host_.clock().now();
  auto set = viewer_->limit(lower, why, now);
  after(now);
  host_.changed(*this);
  return set;
}

bool Peer::tell_player(std::string_view text) {
  if (closed() || !player_.listens()) return false;
  const auto now = host_.clock().now();
  const bool told = player_.tell(text, now);
  after(now);
  return told;
}

void Peer::close(std::string reason) {
  if (closed()) return;
  asked_reason_ = std::move(reason);
  if (!session_) return end(asked_reason_, std::nullopt);
  session_->close(host_.clock().now());  // ends by on_session_closed
}

void Peer::end(std::string reason, const std::optional<base::Error>& error) {
  if (closed()) return;
  state_ = ConnectionState::closed;
  close_reason_ = std::move(reason);
  if (error) error_ = error->detail;
  times_.closed = host_.clock().wall();
  host_.wheel().disarm(*this);
  if (publication_) {
    // What was asked for is meant; what merely ended may come back.
    if (asked_reason_.empty())
      publication_->lost(close_reason_);
    else
      publication_->end();
  }
  host_.ended(*this);
}

ConnectionRecord Peer::record() {
  const auto video = agreement_.video();
  ConnectionRecord out{
      .id = settings_.id,
      .role = settings_.role,
      .state = state_,
      .close_reason = close_reason_,
      .error = error_,
      .source = settings_.source_name,
      .actor = settings_.actor,
      .video_codec = video ? std::string(codec_name(*video)) : "",
      .audio_codec = agreement_.audio() ? std::string(codec_name(Codec::opus)) : "",
      .quality = settings_.quality,
      .worker = settings_.worker,
      .data_channels = agreement_.data(),
      .switches = quality_.switches(),
      .client = player_.report(),
      .client_at = player_.reported_at(),
      .player_listens = player_.listens() && !closed()};
  auto& stats = out.stats;
  stats.at = host_.clock().wall();
  if (session_) session_->fill(stats);
  const auto selected = agent_.selected();
  fill_path(stats, agent_, state_, selected ? host_.local_address(*selected) : "");
  out.peer_address = stats.candidate_pair.remote;
  std::uint64_t packets = 0;
  for (auto& stream : stats.outbound) {
    packets += stream.packets_sent;
    if (stream.kind != "video" || !viewer_) continue;
    quality_.fill(stream, *viewer_);
    if (stream.key_frames_sent > 0 && !times_.first_key_frame)
      times_.first_key_frame = host_.clock().wall();
  }
  if (packets > 0 && !times_.first_packet) times_.first_packet = host_.clock().wall();
  out.times = times_;
  if (viewer_) {
    out.rendition = viewer_->rendition();
    out.limit = viewer_->limited_to();
    out.switch_count = viewer_->switches();
  }
  return out;
}

}  // namespace telltale::rtc
