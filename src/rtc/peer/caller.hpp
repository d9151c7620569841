// Caller: the client side of a connection, for `simulate`, self tests and measurements. A full ICE
// agent on sockets of its own, DTLS in the role the answer leaves, RTP received without decoding
// (whole frames are counted, what is missing is asked for, feedback is sent), and frames sent when
// it publishes. Thousands live on one CallerPool, which has what they share. All on the pool's
// loop; its Listener may do everything but destroy it.
#pragma once

#include <functional>
#include <unordered_map>

#include "rtc/ice/agent.hpp"
#include "rtc/peer/data_link.hpp"
#include "rtc/peer/session.hpp"
#include "rtc/sdp/fragment.hpp"
#include "rtc/transport/timer_wheel.hpp"
#include "rtc/transport/udp_batch.hpp"
#include "rtc/transport/udp_socket.hpp"
#include "runtime/sync.hpp"
#include "runtime/task_crowd.hpp"

namespace telltale::rtc {

class Caller;

class CallerPool {
 public:
  explicit CallerPool(runtime::Loop& loop, dtls::ContextSettings dtls = {});
  CallerPool(const CallerPool&) = delete;
  CallerPool& operator=(const CallerPool&) = delete;
  ~CallerPool();

  runtime::Loop& loop() const noexcept { return loop_; }
  runtime::Task<> stop();  // after all callers are gone

 private:
  friend class Caller;
  static runtime::Task<> read(CallerPool* self, std::shared_ptr<UdpSocket> socket,
                              std::uint32_t via);
  void finish_turn();

  runtime::Loop& loop_;
  base::Result<dtls::Context> dtls_;
  Ntp ntp_;
  UdpBatch batch_;
  TimerWheel wheel_;
  ReceiveBuffer receive_;
  std::unordered_map<std::uint32_t, Caller*> by_via_;
  std::optional<std::pair<base::SteadyTime, runtime::Loop::TimerKey>> timer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  runtime::TaskCrowd readers_;
};

struct CallerSettings {
  bool video = true;
  bool audio = true;
  bool data = false;
  bool sends = false;  // publishes instead of watching
  std::vector<std::string> video_codecs = {"H264", "VP8"};
  // Sockets are bound to these, with any port; each is a host candidate unless it is a wildcard.
  std::vector<std::string> bind = {"0.0.0.0"};
  std::vector<std::string> extensions = {};  // empty: those the engine knows
  bool keeps_payload = false;
  bool rtx = true;
  bool transport_cc = true;
  std::size_t slots = 512;  // packets that wait for a frame, of each stream
  // Checks follow each other quickly (RFC 8445 section 14.2 allows 5 ms): connecting is measured.
  ice::Agent::Settings ice = {.pace = std::chrono::milliseconds(5)};
  std::int64_t start_bps = 1'000'000;
};

struct CallerReport {
  bool connected = false;
  bool closed = false;
  std::string error;
  // Since accept(); absent: not yet.
  std::optional<base::Duration> ice;
  std::optional<base::Duration> dtls;
  std::optional<base::Duration> first_packet;
  std::optional<base::Duration> first_frame;  // of video: a key frame
  std::uint64_t video_frames = 0;
  std::uint64_t key_frames = 0;
  std::uint64_t audio_frames = 0;
  std::uint64_t video_gaps = 0;  // times that packets were given up
  std::uint64_t audio_gaps = 0;
  std::optional<base::Duration> round_trip;
  ConnectionStats stats;
};

class Caller final : public TimerWheel::Item,
                     private Session::Listener,
                     private DataLink::Listener {
 public:
  using OnFrame = std::function<void(InboundStream& stream, const rtp::AssembledFrame& frame)>;

  Caller(CallerPool& pool, CallerSettings settings);
  ~Caller() override;

  // unavailable: no socket.
  base::Result<std::string> offer();
  base::Result<void> accept(std::string_view answer);
  // The other way round: the server offered, and this is what it is answered with.
  base::Result<std::string> answer(std::string_view offer);
  // ICE restart: ours goes out, theirs comes back (RFC 9725 section 4.3.3).
  std::string restart();
  base::Result<void> accept_restart(std::string_view fragment);
  void close();
  void on_frame(OnFrame take) { take_ = std::move(take); }
  // Data channels; null when none were negotiated. Messages go to the function.
  using OnMessage =
      std::function<void(sctp::ChannelId id, const std::string& label, Bytes message)>;
  void on_message(OnMessage take) { take_message_ = std::move(take); }
  base::Result<sctp::ChannelId> open_channel(sctp::ChannelSettings settings);
  base::Result<void> send(sctp::ChannelId id, DataLink::Kind kind, Bytes message);
  const DataLink* data() const noexcept { return data_; }
  // Publishing: packets of the frame leave at once, as the pacer says.
  void push(const MediaFrame& frame);
  bool wants_key_frame() noexcept { return std::exchange(wants_key_, false); }

  // Waits until `reached` says so, after each event of this caller; false: not in time.
  runtime::Task<bool> wait_until(std::function<bool(const Caller&)> reached, base::Duration limit);

  bool connected() const noexcept { return session_ && session_->connected(); }
  bool ice_connected() const noexcept { return report_.ice.has_value(); }
  bool closed() const noexcept { return closed_; }
  const std::string& error() const noexcept { return error_; }
  std::uint64_t video_frames() const noexcept { return report_.video_frames; }
  std::uint64_t audio_frames() const noexcept { return report_.audio_frames; }
  CallerReport report();
  Session* session() noexcept { return session_.get(); }
  const sdp::Plan& plan() const noexcept { return plan_; }
  // Where we send to is another from now on: as if our network changed.
  base::Result<void> change_address();

 private:
  friend class CallerPool;
  base::Result<std::vector<ice::Candidate>> open_sockets();
  base::Result<void> begin(sdp::Plan plan);
  base::Result<void> open_socket(const std::string& address);
  void close_sockets();
  void on_datagram(MutableBytes datagram, const ice::Path& from, base::SteadyTime now);
  void on_due(base::SteadyTime now) override;
  void after(base::SteadyTime now);
  void send_checks(base::SteadyTime now);
  void look_at_ice(base::SteadyTime now);
  void end(const std::string& error);

  void on_session_connected(base::SteadyTime now) override;
  void on_session_closed(const std::optional<base::Error>& error) override;
  void on_session_frame(InboundStream& stream, const rtp::AssembledFrame& frame,
                        base::SteadyTime now) override;
  void on_key_frame_wanted() override { wants_key_ = true; }
  void on_channel(DataLink&, sctp::ChannelId, const std::string&) override {
    changed_.notify_all();
  }
  void on_message(DataLink& link, sctp::ChannelId id, const std::string& label, DataLink::Kind kind,
                  Bytes message) override;

  CallerPool& pool_;
  CallerSettings settings_;
  ice::Credentials local_;
  sdp::LocalSource audio_;
  sdp::LocalSource video_;
  sdp::Description offered_;
  sdp::Plan plan_;
  std::vector<std::pair<std::uint32_t, std::shared_ptr<UdpSocket>>> sockets_;
  std::optional<ice::Agent> agent_;
  std::unique_ptr<Session> session_;
  OnFrame take_;
  OnMessage take_message_;
  DataLink* data_ = nullptr;  // the session's
  runtime::Notifier changed_;
  base::SteadyTime began_ = {};
  CallerReport report_;
  std::uint64_t frame_index_ = 0;
  bool wants_key_ = false;
  bool closed_ = false;
  std::string error_;
};

}  // namespace telltale::rtc
