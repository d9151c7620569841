// Data channels between two peers of ours, and of DCEP what a browser sends.
#include "rtc/sctp/data_channels.hpp"

#include <numeric>

#include <gtest/gtest.h>

#include "rtc/sctp/testing.hpp"

namespace telltale::rtc::sctp::testing {
namespace {

using Kind = DataChannels::Kind;

std::string text_of_size(std::size_t size) {
  std::string text(size, 'x');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 23);
  return text;
}

class Peer : public DataChannels::Listener {
 public:
  explicit Peer(const DataChannelsSettings& settings) : channels(settings, *this) {}

  void on_connected() override { ++connected; }
  void on_open(ChannelId id) override { opened.push_back(id); }
  void on_message(ChannelId id, Kind kind, Bytes message) override {
    messages.push_back({id, kind, std::string(as_text(message))});
    if (on_any) on_any(id);
  }
  void on_channel_closed(ChannelId id) override { closed_channels.push_back(id); }
  void on_buffered_low(ChannelId id) override { low.push_back(id); }
  void on_closed(const std::optional<base::Error>& given) override {
    ++closed;
    error = given;
  }

  struct Message {
    ChannelId id;
    Kind kind;
    std::string text;
    bool operator==(const Message&) const = default;
  };
  DataChannels channels;
  std::vector<ChannelId> opened;
  std::vector<ChannelId> closed_channels;
  std::vector<ChannelId> low;
  std::vector<Message> messages;
  std::function<void(ChannelId)> on_any;
  int connected = 0;
  int closed = 0;
  std::optional<base::Error> error;
};

class DataChannelsTest : public ::testing::Test {
 protected:
  void make(DataChannelsSettings client = {}, DataChannelsSettings server = {},
            const congestion::LinkSettings& link = {.delay = 10ms}) {
    client.dtls_client = true;
    client_.emplace(client);
    server_.emplace(server);
    world_.emplace(port_of(client_->channels), port_of(server_->channels), link, 11);
  }
  void connect() {
    client_->channels.connect(now());
    server_->channels.connect(now());
    ASSERT_TRUE(
        world_->run([&] { return client_->connected == 1 && server_->connected == 1; }, 1min));
  }
  base::SteadyTime now() const { return world_->now(); }
  base::Result<void> send(Peer& from, ChannelId id, std::string_view text, Kind kind = Kind::text) {
    return from.channels.send(id, kind, as_bytes(text), now());
  }
  template <class Done>
  bool run(Done&& done, base::Duration limit = 1min) {
    return world_->run(std::forward<Done>(done), limit);
  }

  std::optional<Peer> client_;
  std::optional<Peer> server_;
  std::optional<World> world_;
};

TEST_F(DataChannelsTest, OpensInBothDirectionsWithIdsByRole) {
  make();
  // One before, one after the association is there.
  EXPECT_EQ(client_->channels.open({.label = "first", .protocol = "p"}, now()), ChannelId{0});
  connect();
  EXPECT_EQ(client_->channels.open({.label = "second"}, now()), ChannelId{2});
  EXPECT_EQ(server_->channels.open(
                {.label = "theirs", .reliability = {.ordered = false}, .priority = 512}, now()),
            ChannelId{1});
  ASSERT_TRUE(run([&] { return client_->opened.size() == 3 && server_->opened.size() == 3; }));
  const auto& first = *server_->channels.find(0);
  EXPECT_EQ(first.settings.label, "first");
  EXPECT_EQ(first.settings.protocol, "p");
  EXPECT_TRUE(first.by_peer);
  EXPECT_EQ(first.state, DataChannels::State::open);
  const auto& theirs = *client_->channels.find(1);
  EXPECT_EQ(theirs.settings.priority, 512);
  EXPECT_FALSE(theirs.settings.reliability.ordered);
  EXPECT_FALSE(server_->channels.find(1)->by_peer);
}

TEST_F(DataChannelsTest, CarriesEveryKindOfReliability) {
  make();
  connect();
  const std::vector<Reliability> kinds = {{},
                                          {.ordered = false},
                                          {.retransmits_max = 0},
                                          {.ordered = false, .retransmits_max = 7},
                                          {.lifetime = 1500ms},
                                          {.ordered = false, .lifetime = 0ms}};
  for (const auto& kind : kinds) ASSERT_TRUE(client_->channels.open({.reliability = kind}, now()));
  ASSERT_TRUE(run([&] { return server_->opened.size() == kinds.size(); }));
  for (std::size_t i = 0; i < kinds.size(); ++i)
    EXPECT_EQ(server_->channels.find(static_cast<ChannelId>(2 * i))->settings.reliability,
              kinds[i]);
}

TEST_F(DataChannelsTest, TextBinaryEmptyAndLongMessages) {
  make({.remote_message_max = 0}, {.remote_message_max = 256UL * 1024});
  connect();
  const auto id = *client_->channels.open({.label = "x"}, now());
  const std::vector<Peer::Message> all = {{id, Kind::text, "hello"},
                                          {id, Kind::binary, std::string("\0\1\2", 3)},
                                          {id, Kind::text, ""},
                                          {id, Kind::binary, ""},
                                          {id, Kind::text, text_of_size(65'536)},
                                          {id, Kind::binary, text_of_size(200'000)},
                                          {id, Kind::binary, text_of_size(256UL * 1024)}};
  for (const auto& message : all) ASSERT_TRUE(send(*client_, id, message.text, message.kind));
  ASSERT_TRUE(run([&] { return server_->messages.size() == all.size(); }));
  EXPECT_TRUE(server_->messages == all);
  for (const auto& message : all) ASSERT_TRUE(send(*server_, id, message.text, message.kind));
  ASSERT_TRUE(run([&] { return client_->messages.size() == all.size(); }));
  EXPECT_TRUE(client_->messages == all);
  const auto& counters = server_->channels.find(id)->counters;
  EXPECT_EQ(counters.messages_received, all.size());
  EXPECT_EQ(counters.bytes_received, 5U + 3 + 65'536 + 200'000 + 256 * 1024);
  EXPECT_EQ(counters.messages_sent, all.size());
}

TEST_F(DataChannelsTest, EmptyMessagesHaveTheirOwnIdentifiers) {
  make();
  connect();
  const auto id = *client_->channels.open({}, now());
  std::vector<std::uint32_t> seen;
  world_->filter = [&](std::size_t from, Packet& packet) {
    ChunkReader chunks(Bytes(packet).subspan(kCommonHeader));
    while (const auto chunk = chunks.next())
      if (from == 0 && chunk->is(ChunkType::data)) {
        seen.push_back(load_u32(chunk->value, 8));
        if (seen.back() >= 56) EXPECT_EQ(chunk->value.size(), 13U) << "one byte for none";
      }
    return true;
  };
  ASSERT_TRUE(send(*client_, id, "a"));
  ASSERT_TRUE(send(*client_, id, "a", Kind::binary));
  ASSERT_TRUE(send(*client_, id, ""));
  ASSERT_TRUE(send(*client_, id, "", Kind::binary));
  ASSERT_TRUE(run([&] { return server_->messages.size() == 4; }));
  EXPECT_EQ(seen, (std::vector<std::uint32_t>{50, 51, 53, 56, 57}));
}

TEST_F(DataChannelsTest, UnorderedChannelsGoInOrderUntilTheyAreAcknowledged) {
  make();
  connect();
  std::vector<bool> unordered;
  world_->filter = [&](std::size_t from, Packet& packet) {
    ChunkReader chunks(Bytes(packet).subspan(kCommonHeader));
    while (const auto chunk = chunks.next())
      if (from == 0 && chunk->is(ChunkType::data))
        unordered.push_back((chunk->flags & kDataUnordered) != 0);
    return true;
  };
  const auto id = *client_->channels.open({.reliability = {.ordered = false}}, now());
  ASSERT_TRUE(send(*client_, id, "before"));
  ASSERT_TRUE(run([&] { return client_->opened.size() == 1; }));
  ASSERT_TRUE(send(*client_, id, "after"));
  ASSERT_TRUE(run([&] { return server_->messages.size() == 2; }));
  EXPECT_EQ(unordered, (std::vector<bool>{false, false, true}));
}

TEST_F(DataChannelsTest, ClosesFromEitherSideAfterWhatWasBuffered) {
  make({}, {}, {.delay = 10ms, .loss = 0.1});
  connect();
  for (Peer* closer : {&*client_, &*server_}) {
    client_->closed_channels.clear();
    server_->closed_channels.clear();
    server_->messages.clear();
    const auto id = *client_->channels.open({.label = "x"}, now());
    EXPECT_EQ(id, 0) << "the id is free again";
    ASSERT_TRUE(run([&] { return !client_->opened.empty() && !server_->opened.empty(); }));
    client_->opened.clear();
    server_->opened.clear();
    ASSERT_TRUE(send(*client_, id, text_of_size(50'000)));
    ASSERT_TRUE(send(*closer, id, "last"));
    EXPECT_TRUE(closer->channels.close(id));
    EXPECT_FALSE(closer->channels.close(id));
    EXPECT_EQ(send(*closer, id, "late").error().code, base::Code::conflict);
    ASSERT_TRUE(run([&] {
      return client_->closed_channels.size() == 1 && server_->closed_channels.size() == 1;
    }));
    if (closer == &*client_) EXPECT_EQ(server_->messages.size(), 2U);
    EXPECT_EQ(client_->channels.find(id), nullptr);
    EXPECT_EQ(send(*client_, id, "x").error().code, base::Code::not_found);
  }
}

TEST_F(DataChannelsTest, BoundsWhatIsBuffered) {
  make({.channel_buffer_max = 100'000}, {});
  connect();
  const auto id = *client_->channels.open({}, now());
  client_->channels.set_low_threshold(id, 20'000);
  ASSERT_TRUE(send(*client_, id, text_of_size(60'000)));
  EXPECT_EQ(client_->channels.buffered_amount(id), 60'012U) << "the OPEN of twelve bytes too";
  EXPECT_EQ(send(*client_, id, text_of_size(60'000)).error().code, base::Code::unavailable);
  EXPECT_EQ(send(*client_, id, text_of_size(70'000)).error().code, base::Code::too_large);
  ASSERT_TRUE(run([&] { return !client_->low.empty(); }));
  EXPECT_LE(client_->channels.buffered_amount(id), 20'000U);
  EXPECT_GT(client_->channels.buffered_amount(id), 10'000U);
  EXPECT_TRUE(send(*client_, id, text_of_size(60'000)));
  ASSERT_TRUE(run([&] { return server_->messages.size() == 2; }));
  EXPECT_EQ(client_->low.size(), 2U);
}

TEST_F(DataChannelsTest, SaysWhatItDoesNotOpen) {
  make({.channels_max = 3}, {.channels_max = 2});
  ASSERT_TRUE(server_->channels.open({.negotiated = ChannelId{4}}, now()));
  connect();
  const auto code = [&](ChannelSettings settings) {
    return client_->channels.open(std::move(settings), now()).error().code;
  };
  EXPECT_EQ(code({.label = text_of_size(1'025)}), base::Code::invalid_argument);
  EXPECT_EQ(code({.protocol = text_of_size(1'025)}), base::Code::invalid_argument);
  EXPECT_EQ(code({.reliability = {.retransmits_max = 1, .lifetime = 1s}}),
            base::Code::invalid_argument);
  ASSERT_TRUE(client_->channels.open({.negotiated = ChannelId{4}}, now()));
  EXPECT_EQ(code({.negotiated = ChannelId{4}}), base::Code::invalid_argument);
  EXPECT_EQ(code({.negotiated = ChannelId{1'024}}), base::Code::unavailable);
  ASSERT_TRUE(client_->channels.open({}, now()));
  ASSERT_TRUE(client_->channels.open({.label = "one too many"}, now()));
  EXPECT_EQ(code({}), base::Code::unavailable);
  // The server takes one more: the other is refused by a reset.
  ASSERT_TRUE(run([&] { return client_->closed_channels.size() == 1; }));
  EXPECT_EQ(client_->closed_channels, std::vector<ChannelId>{2});
  EXPECT_EQ(server_->channels.channels().size(), 2U);
  EXPECT_NE(server_->channels.find(0), nullptr);
}

TEST_F(DataChannelsTest, NegotiatedChannelsNeedNoWords) {
  make();
  for (auto* peer : {&*client_, &*server_})
    ASSERT_TRUE(peer->channels.open({.label = "stats", .negotiated = ChannelId{7}}, now()));
  connect();
  EXPECT_EQ(client_->opened, std::vector<ChannelId>{7});
  ASSERT_TRUE(send(*server_, 7, "hi"));
  ASSERT_TRUE(run([&] { return client_->messages.size() == 1; }));
}

TEST_F(DataChannelsTest, ACallbackMayAnswerAndClose) {
  make();
  connect();
  const auto id = *client_->channels.open({}, now());
  server_->on_any = [&](ChannelId from) {
    EXPECT_TRUE(server_->channels.send(from, Kind::text, as_bytes("bye"), now()));
    EXPECT_TRUE(server_->channels.close(from));
  };
  ASSERT_TRUE(send(*client_, id, "hello"));
  ASSERT_TRUE(run([&] { return client_->closed_channels.size() == 1; }));
  EXPECT_EQ(client_->messages.at(0).text, "bye");
  // And it may end everything.
  const auto next = *client_->channels.open({}, now());
  server_->on_any = [&](ChannelId /*from*/) { server_->channels.abort("enough"); };
  ASSERT_TRUE(send(*client_, next, "one"));
  ASSERT_TRUE(send(*client_, next, "two"));
  ASSERT_TRUE(run([&] { return client_->closed == 1 && server_->closed == 1; }));
  EXPECT_EQ(server_->messages.size(), 2U) << "hello and one";
  EXPECT_EQ(client_->channels.open({}, now()).error().code, base::Code::conflict);
}

TEST_F(DataChannelsTest, PartsOfAMessageAsOldFirefoxSentThem) {
  make();
  connect();
  const auto id = *client_->channels.open({}, now());
  ASSERT_TRUE(run([&] { return server_->opened.size() == 1; }));
  // No public way sends those: the association below does.
  auto& raw = const_cast<Association&>(client_->channels.association());
  for (const auto& [type, text] :
       std::vector<std::pair<std::uint32_t, std::string>>{{ppid::kBinaryPartial, "one "},
                                                          {ppid::kBinaryPartial, "two "},
                                                          {ppid::kBinary, "three"}})
    ASSERT_TRUE(raw.send(id, type, bytes_of(text), {}, now()));
  ASSERT_TRUE(run([&] { return server_->messages.size() == 1; }));
  EXPECT_EQ(server_->messages[0].text, "one two three");
  EXPECT_EQ(server_->messages[0].kind, Kind::binary);
}

struct OpenCase {
  const char* name;
  std::vector<std::uint8_t> bytes;
  bool good;
};

TEST(Dcep, ReadsAnOpenMessageOrRefusesIt) {
  const std::vector<OpenCase> cases = {
      {"Chromium's 'chat'", {3, 0, 1, 0, 0, 0, 0, 0, 0, 4, 0, 0, 'c', 'h', 'a', 't'}, true},
      {"label and protocol", {3, 0x81, 0, 0, 0, 0, 0, 5, 0, 1, 0, 2, 'a', 'b', 'c'}, true},
      {"no label", {3, 0x82, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0}, true},
      {"an unknown type", {3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, false},
      {"a label that lies", {3, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 'a'}, false},
      {"more than it says", {3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'a'}, false},
      {"too short", {3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, false},
      {"an ACK", {2}, false},
      {"nothing", {}, false}};
  for (const auto& one : cases) {
    const auto open = read_open(one.bytes);
    EXPECT_EQ(open.has_value(), one.good) << one.name;
    if (open) EXPECT_EQ(write_open(*open), one.bytes) << one.name;
  }
  EXPECT_EQ(read_open(cases[1].bytes)->reliability.retransmits_max, 5U);
  EXPECT_FALSE(read_open(cases[1].bytes)->reliability.ordered);
  EXPECT_EQ(read_open(cases[2].bytes)->reliability.lifetime, 5ms);
}

}  // namespace
}  // namespace telltale::rtc::sctp::testing
