// What is known of one connection, as an immutable value: made by its peer on its loop at every
// change of state and each poll interval, read anywhere.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rtc/quality.hpp"
#include "rtc/statistics.hpp"

namespace telltale::rtc {

enum class ConnectionState : std::uint8_t {
  offered,       // our offer waits for its answer
  connecting,    // waits for ICE and DTLS
  connected,     // keys are there: media flows
  disconnected,  // heard nothing for a while; comes back, or closes when consent is gone
  closed,
};
std::string_view state_name(ConnectionState state) noexcept;

enum class ConnectionRole : std::uint8_t {
  viewer,
  publisher,
  foreign,  // of another application, known by what its page reports (monitor/lens.hpp)
};
std::string_view role_name(ConnectionRole role) noexcept;

// When each step was reached; absent: not yet.
struct ConnectionTimes {
  base::WallTime created = {};
  std::optional<base::WallTime> answered;  // our offer; absent too where the peer offered
  std::optional<base::WallTime> ice_connected;
  std::optional<base::WallTime> connected;        // DTLS done, keys there
  std::optional<base::WallTime> first_packet;     // of media, sent or received
  std::optional<base::WallTime> first_key_frame;  // sent or received whole
  std::optional<base::WallTime> closed;
};

struct SwitchRecord {
  base::WallTime at = {};
  std::string from;
  std::string to;
  std::string reason;  // room, target_fell, queue, loss, chosen, tried
};

struct ConnectionRecord {
  std::string id;
  ConnectionRole role = ConnectionRole::viewer;
  ConnectionState state = ConnectionState::connecting;
  std::string close_reason;  // of a closed one: asked, peer, consent, timeout, dtls, content_end, …
  std::string error;         // in words, when it failed
  std::string source;  // what was asked for: test, a CID, a live name; the foreign application
  std::string actor;   // whose it is
  std::string peer_address;              // where media goes now
  std::string video_codec;               // H264, VP8, or empty
  std::string audio_codec;               // opus, or empty
  Quality quality = Quality::automatic;  // as asked
  std::string rendition;                 // that is sent now
  std::string limit;                     // no higher one is sent automatically; "": none
  std::size_t worker = 0;
  bool data_channels = false;
  ConnectionTimes times;
  std::vector<SwitchRecord> switches;  // the last ones
  std::uint64_t switch_count = 0;
  ConnectionStats stats;
  std::optional<base::JsonObject> client;  // the player's own report on its `stats` channel
  base::WallTime client_at = {};           // when it came
  bool player_listens = false;             // that channel is open
};
using ConnectionPtr = std::shared_ptr<const ConnectionRecord>;

base::JsonObject to_json(const ConnectionRecord& record);

}  // namespace telltale::rtc
