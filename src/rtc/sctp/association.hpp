// One SCTP association over DTLS (RFC 9260, RFC 8261) without I/O: datagrams and the time come in
// by on_packet(), datagrams go out by poll(), whatever else happens goes to the Listener. With
// partial reliability (RFC 3758, 7496) and stream resets (RFC 6525), without I-DATA and without
// several paths (docs/decisions/0007-own-sctp.md). One per peer, on its worker's loop.
//
// After connect(), on_packet(), send() and at next_deadline() the owner calls poll() until it gives
// nothing. It ends once, by on_closed(); what is left to tell the peer still comes out of poll().
// Callbacks may call everything but the destructor.
#pragma once

#include <deque>
#include <memory>

#include "base/error.hpp"
#include "rtc/sctp/handshake.hpp"
#include "rtc/sctp/outstanding.hpp"
#include "rtc/sctp/reassembly.hpp"
#include "rtc/sctp/received_tsns.hpp"
#include "rtc/sctp/stream_reset.hpp"

namespace telltale::rtc::sctp {

struct AssociationSettings {
  std::uint16_t local_port = 5000;  // a=sctp-port
  std::uint16_t remote_port = 5000;
  // A whole packet. With a DTLS record of AEAD (37), UDP (8) and IPv6 (40) it has 1,276 bytes,
  // which every IPv6 path carries (1,280).
  std::size_t packet_bytes_max = 1'191;
  std::uint16_t streams_max = 1'024;  // each way; costs nothing until used
  std::size_t receive_window = 512UL * 1024;
  std::size_t message_bytes_max = 256UL * 1024;  // that we take: a=max-message-size of ours
  std::size_t send_buffer_max = 1024UL * 1024;   // queued or not acknowledged
  RtoSettings rto = {};
  base::Duration sack_delay = std::chrono::milliseconds(100);
  base::Duration heartbeat_interval = std::chrono::seconds(30);  // 0: none
  base::Duration cookie_life = std::chrono::seconds(60);
  base::Duration shutdown_timeout = std::chrono::seconds(50);
  int init_retransmits_max = 8;
  int retransmits_max = 10;  // Association.Max.Retrans
  // For tests: where numbers begin; random otherwise.
  std::optional<std::uint32_t> initial_tsn = {};
};

struct SendOptions {
  bool unordered = false;
  std::optional<std::uint32_t> retransmits_max = {};
  std::optional<base::Duration> lifetime = {};
};

struct AssociationCounters {
  std::uint64_t packets_sent = 0;
  std::uint64_t packets_received = 0;
  std::uint64_t packets_dropped = 0;  // not for us, broken, or of another association
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t chunks_duplicate = 0;
  std::uint64_t chunks_refused = 0;  // DATA beyond the window or another limit
};

class Association {
 public:
  enum class State : std::uint8_t {
    idle,  // answers an INIT
    cookie_wait,
    cookie_echoed,
    established,
    shutdown_pending,
    shutdown_sent,
    shutdown_received,
    shutdown_ack_sent,
    closed,
  };
  class Listener {
   public:
    Listener() = default;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    virtual ~Listener() = default;
    virtual void on_connected() = 0;
    virtual void on_message(ReceivedMessage message) = 0;
    // The peer has begun streams again, or closed them, which is the same.
    virtual void on_incoming_reset(const std::vector<std::uint16_t>& streams, bool all) = 0;
    // Ours that reset_stream() was called for; not done: the peer does not do it.
    virtual void on_outgoing_reset(const std::vector<std::uint16_t>& streams, bool done) = 0;
    // Some of what was queued has left.
    virtual void on_progress() = 0;
    // Without an error: shut down by either side.
    virtual void on_closed(const std::optional<base::Error>& error) = 0;
  };

  Association(const AssociationSettings& settings, Listener& listener);
  Association(const Association&) = delete;
  Association& operator=(const Association&) = delete;
  ~Association();

  // Both sides may: the INITs cross (section 5.2.1).
  void connect(base::SteadyTime now);
  void on_packet(Bytes packet, base::SteadyTime now);
  // The next packet, written to `out` (packet_bytes_max at least); 0: nothing before
  // next_deadline().
  std::size_t poll(base::SteadyTime now, MutableBytes out);
  std::optional<base::SteadyTime> next_deadline() const noexcept;

  // Before it is established too. invalid_argument: empty, or no such stream; too_large;
  // unavailable: the send buffer is full; conflict: the stream is being reset, or it is closing.
  base::Result<void> send(std::uint16_t stream, std::uint32_t ppid, std::vector<std::uint8_t> bytes,
                          const SendOptions& options, base::SteadyTime now);
  // Once everything queued for it has left. False: the peer cannot do that.
  bool reset_stream(std::uint16_t stream);
  void discard(std::uint16_t stream) { queue_.discard(stream); }
  // After what is queued has arrived.
  void shutdown(base::SteadyTime now);
  // At once, telling the peer; on_closed() without an error.
  void abort(std::string_view reason);

  State state() const noexcept { return state_; }
  bool connected() const noexcept { return session_ != nullptr && state_ == State::established; }
  std::size_t buffered(std::uint16_t stream) const noexcept { return queue_.buffered(stream); }
  // Queued or not acknowledged.
  std::size_t buffered() const noexcept;
  std::size_t send_buffer_left() const noexcept;
  std::uint16_t outgoing_streams() const noexcept { return outgoing_streams_; }
  std::optional<base::Duration> round_trip() const noexcept { return rto_.smoothed(); }
  std::size_t congestion_window() const noexcept;
  const AssociationCounters& counters() const noexcept { return counters_; }
  Outstanding::Counters send_counters() const noexcept;

 private:
  // What there is once the peer's INIT or INIT ACK is known.
  struct Session {
    Session(const Init& peer, std::uint32_t local_initial_tsn, const AssociationSettings& settings,
            Rto& rto, SendQueue& queue);
    std::uint32_t peer_tag;
    Capabilities capabilities;
    std::uint16_t incoming_streams;
    ReceivedTsns received;
    Reassembly reassembly;
    Outstanding outstanding;
    StreamReset reset;
  };
  // A packet that stands outside the association's own stream of packets.
  struct Reply {
    std::uint32_t tag = 0;
    ChunkType type = ChunkType::abort;
    std::uint8_t flags = 0;
    std::vector<std::uint8_t> value = {};
  };
  using Deadline = std::optional<base::SteadyTime>;

  // association.cpp
  void end(std::optional<base::Error> error);
  void fail(Cause cause, std::string_view reason, base::Code code);
  void run_timers(base::SteadyTime now);
  void count_unanswered();
  Init local_init() const;
  // association_handshake.cpp
  void on_init(const Chunk& chunk, base::SteadyTime now);
  void on_init_ack(const Chunk& chunk, base::SteadyTime now);
  void on_cookie_echo(const Chunk& chunk, const CommonHeader& header, base::SteadyTime now);
  void on_cookie_ack(base::SteadyTime now);
  void adopt(const Init& peer);
  void establish(base::SteadyTime now);
  bool is_sound(const Init& init, std::uint32_t reply_tag);
  void retry_init(base::SteadyTime now);
  // association_receive.cpp
  void answer_stranger(const Chunk& chunk, const CommonHeader& header);
  bool is_for_us(const Chunk& first, const CommonHeader& header) const noexcept;
  bool on_chunk(const Chunk& chunk, const CommonHeader& header, base::SteadyTime now);
  bool on_unknown(const Chunk& chunk);
  void on_data(const Chunk& chunk, base::SteadyTime now);
  void take_data(const DataChunk& data);
  void on_sack(const Chunk& chunk, base::SteadyTime now);
  void judge(Outstanding::Verdict verdict);
  void on_forward_tsn(const Chunk& chunk);
  void on_re_config(const Chunk& chunk, base::SteadyTime now);
  void apply(const StreamReset::Outcome& outcome);
  void on_heartbeat_ack(const Chunk& chunk, base::SteadyTime now);
  void on_abort(const Chunk& chunk);
  void on_error(const Chunk& chunk, base::SteadyTime now);
  void deliver();
  void after_data(base::SteadyTime now);
  // association_shutdown.cpp
  void on_shutdown(const Chunk& chunk, base::SteadyTime now);
  void on_shutdown_ack(const CommonHeader& header);
  void on_shutdown_complete();
  void advance_shutdown(base::SteadyTime now);
  void on_shutdown_timeout(base::SteadyTime now);
  // association_send.cpp
  std::size_t write_reply(MutableBytes out);
  void write_control(PacketWriter& packet, base::SteadyTime now);
  void write_sack(PacketWriter& packet);
  void write_data(PacketWriter& packet, base::SteadyTime now);
  bool may_send_data() const noexcept;
  void queue_control(ChunkType type, Bytes value);
  void queue_error(Cause cause, Bytes information);
  void reply(std::uint32_t tag, ChunkType type, std::uint8_t flags, Bytes value);
  std::size_t packet_size(MutableBytes out) const noexcept;
  CommonHeader header(std::uint32_t tag) const noexcept;

  AssociationSettings settings_;
  Listener& listener_;
  State state_ = State::idle;
  std::uint32_t local_tag_;
  std::uint32_t local_initial_tsn_;
  CookieKey cookie_key_;
  std::uint16_t outgoing_streams_;
  Rto rto_;
  SendQueue queue_;
  std::unique_ptr<Session> session_;

  std::vector<std::uint8_t> cookie_;  // to echo
  std::vector<Reply> replies_;
  std::vector<std::vector<std::uint8_t>> control_;  // whole chunks for the next packets
  std::vector<ReceivedMessage> ready_;
  bool init_due_ = false;
  bool cookie_echo_due_ = false;
  bool cookie_ack_due_ = false;
  bool sack_due_ = false;
  bool shutdown_due_ = false;
  bool progress_ = false;
  int unacknowledged_packets_ = 0;
  int attempts_ = 0;  // of INIT, COOKIE ECHO, SHUTDOWN, SHUTDOWN ACK
  int errors_ = 0;    // heartbeats and resets without an answer
  Deadline t1_;
  Deadline t2_;
  Deadline shutdown_guard_;
  Deadline sack_at_;
  Deadline heartbeat_at_;
  bool heartbeat_due_ = false;
  bool heartbeat_pending_ = false;  // unanswered
  std::uint64_t heartbeat_nonce_ = 0;
  base::SteadyTime heartbeat_sent_{};
  AssociationCounters counters_;
};

}  // namespace telltale::rtc::sctp
