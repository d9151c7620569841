// One connection on the side that serves (ICE-lite): a viewer of a source, or a publisher. Answers
// an offer, or offers and waits for the answer: until then it has no session. Lives on its worker's
// loop; owns its agent, session and viewer; asks its PeerHost for everything it shares. Ends once,
// by PeerHost::ended(); the host destroys it later, never from inside a call.
#pragma once

#include "rtc/connection_record.hpp"
#include "rtc/ice/lite_agent.hpp"
#include "rtc/peer/agreement.hpp"
#include "rtc/peer/player_channel.hpp"
#include "rtc/peer/quality_history.hpp"
#include "rtc/peer/session.hpp"
#include "rtc/receive/lip_sync.hpp"
#include "rtc/sdp/fragment.hpp"
#include "rtc/send/viewer.hpp"
#include "rtc/transport/timer_wheel.hpp"
#include "rtc/transport/udp_batch.hpp"

namespace telltale::rtc {

class Peer;

// Of one worker: what all its peers share.
class PeerHost {
 public:
  virtual ~PeerHost() = default;
  virtual PacketBatch& batch() noexcept = 0;
  virtual LocalFeeds& feeds() noexcept = 0;
  virtual TimerWheel& wheel() noexcept = 0;
  virtual const Ntp& ntp() const noexcept = 0;
  virtual const base::Clock& clock() const noexcept = 0;
  virtual const dtls::Context& dtls() const noexcept = 0;
  // Packets from there are this peer's. False: they are another's.
  virtual bool map(const ice::Path& path, Peer& peer) = 0;
  virtual void unmap(const ice::Path& path, const Peer& peer) = 0;
  virtual std::string local_address(const ice::Path& path) const = 0;
  virtual void changed(Peer& peer) = 0;  // its record
  virtual void switched(Peer& peer, const SwitchRecord& change) = 0;
  virtual void ended(Peer& peer) = 0;
};

class Peer final : public TimerWheel::Item, private Session::Listener, private Viewer::Listener {
 public:
  struct Settings {
    std::string id;
    ConnectionRole role = ConnectionRole::viewer;
    std::string source_name;
    std::string actor;
    std::shared_ptr<Source> source = {};  // of a viewer
    Quality quality = Quality::automatic;
    std::size_t worker = 0;
    std::vector<ice::Candidate> candidates = {};
    ice::LiteAgent::Settings ice = {};
    std::int64_t start_bps = 1'000'000;
    std::int64_t max_bps = 20'000'000;
  };
  // Given once the codecs are known: who publishes tells what is published.
  using OpenPublication = std::function<base::Result<std::unique_ptr<Publication>>(
      std::optional<Codec> video, bool audio)>;

  // Errors as of sdp::answer, and of `publication`.
  static base::Result<std::unique_ptr<Peer>> open(Settings settings, std::string_view offer,
                                                  PeerHost& host,
                                                  const OpenPublication& publication);
  // A viewer's, with an offer of ours. unsupported: the source has nothing to send.
  static base::Result<std::unique_ptr<Peer>> open_offering(Settings settings, PeerHost& host);
  ~Peer() override;

  const std::string& id() const noexcept { return settings_.id; }
  const std::string& sdp() const noexcept { return agreement_.sdp(); }  // ours
  const std::string& ufrag() const noexcept { return agent_.local().ufrag; }
  const std::vector<std::string>& ufrags() const noexcept { return ufrags_; }

  void on_stun(Bytes datagram, const ice::Path& from, base::SteadyTime now);
  void on_datagram(rtp::PacketKind kind, MutableBytes datagram, const ice::Path& from,
                   base::SteadyTime now);
  void on_due(base::SteadyTime now) override;

  // To our offer. conflict: there is none that waits; invalid_argument: it does not follow from the
  // offer, which goes on waiting.
  base::Result<void> take_answer(std::string_view answer);
  // New credentials of both sides; the fragment that tells ours. The worker must know the new one.
  sdp::Fragment restart(const ice::Credentials& remote);
  base::Result<void> set_quality(Quality quality);
  base::Result<void> limit_quality(bool lower, congestion::SwitchReason why);
  void request_key_frame();
  // A word to the player on its `stats` channel; false: it has none open.
  bool tell_player(std::string_view text);
  void close(std::string reason);

  bool connected() const noexcept { return state_ == ConnectionState::connected; }
  bool closed() const noexcept { return state_ == ConnectionState::closed; }
  bool awaits_answer() const noexcept { return agreement_.awaits_answer(); }
  ConnectionRecord record();
  std::shared_ptr<Source> source() const noexcept { return settings_.source; }

 private:
  Peer(Settings settings, PeerHost& host, ice::Credentials local);

  sdp::AnswerSettings ours() const;
  base::Result<void> begin(std::string_view offer, const OpenPublication& publication);
  base::Result<void> make_offer();
  base::Result<void> open_session(const Agreement::Terms& terms);
  void learn_path(const ice::Path& path, base::SteadyTime now);
  void update_viewer(base::SteadyTime now);
  void after(base::SteadyTime now);
  void tell(ConnectionState state);
  void end(std::string reason, const std::optional<base::Error>& error);
  void look_at_ice(base::SteadyTime now);

  void on_session_connected(base::SteadyTime now) override;
  void on_session_closed(const std::optional<base::Error>& error) override;
  void on_session_frame(InboundStream& stream, const rtp::AssembledFrame& frame,
                        base::SteadyTime now) override;
  void on_key_frame_wanted() override;
  void on_pushed(base::SteadyTime now) override;
  void on_switched(const Viewer::Switch& change) override;
  void on_source_end(const std::string& reason) override;

  Settings settings_;
  PeerHost& host_;
  ice::LiteAgent agent_;
  std::vector<std::string> ufrags_;  // ours, old ones too
  PlayerChannel player_;             // the session's data link speaks to it
  Agreement agreement_;
  base::SteadyTime answer_until_ = {};  // to our offer
  std::unique_ptr<Session> session_;
  std::unique_ptr<Viewer> viewer_;
  std::unique_ptr<Publication> publication_;
  LipSync lip_sync_;
  ConnectionState state_ = ConnectionState::connecting;
  std::string close_reason_;
  std::string error_;
  std::string asked_reason_;  // of close()
  ConnectionTimes times_;
  std::vector<ice::Path> paths_;  // mapped to us
  base::SteadyTime heard_;
  base::SteadyTime look_at_;  // for the viewer's policy and silence
  QualityHistory quality_;
};

}  // namespace telltale::rtc
