// Names and what they stand for, with real threads and the real clock: sharing, ending, publishing.
#include "media/catalog.hpp"

#include <future>

#include "media/test_support.hpp"

namespace telltale::media {
namespace {

using namespace std::chrono_literals;
using testing_support::KeepingSink;

class CatalogTest : public testing::Test {
 protected:
  base::Result<std::shared_ptr<Playing>> open(const std::string& name, bool own = false) {
    std::promise<base::Result<std::shared_ptr<Playing>>> told;
    catalog.open(name, own, [&](auto result) { told.set_value(std::move(result)); });
    return told.get_future().get();
  }
  static std::shared_ptr<Frame> frame(Codec codec, bool key, std::uint32_t timestamp) {
    auto made = std::make_shared<Frame>();
    made->bytes = {1, 2, 3};
    made->codec = codec;
    made->key = key;
    made->timestamp = timestamp;
    made->width = 320;
    made->height = 240;
    return made;
  }
  base::SystemClock clock;
  Catalog catalog{{.test = {.size = {.width = 320, .height = 180}}}, clock, nullptr};
};

TEST_F(CatalogTest, OneEncoderForTwoWatchersOfASharedPlaying) {
  const auto first = open("test");
  const auto second = open("test");
  const auto third = open("test", true);
  ASSERT_TRUE(first && second && third);
  EXPECT_EQ(*first, *second);
  EXPECT_NE(*first, *third);
  const auto one = std::make_shared<KeepingSink>();
  const auto two = std::make_shared<KeepingSink>();
  const auto watch_one = (*first)->watch_video("low", Codec::h264, one);
  ASSERT_TRUE(one->wait_for_frames(5));
  const auto watch_two = (*second)->watch_video("low", Codec::h264, two);
  ASSERT_TRUE(two->wait_for_frames(10));
  EXPECT_TRUE(two->frames()[0]->key);
  EXPECT_EQ(one->frames()[0], two->frames()[0]);  // the same frame, not a copy
  for (const auto& track : (*first)->statistics().tracks)
    if (track.rendition == "low" && track.codec == Codec::h264) {
      EXPECT_EQ(track.encoder_starts, 1U);
      EXPECT_EQ(track.watchers, 2U);
    } else {
      EXPECT_EQ(track.encoder_starts, 0U) << track.rendition;
    }
}

TEST_F(CatalogTest, StopEndsWhatIsWatchedAndRefusesTheRest) {
  const auto playing = open("test");
  const auto sink = std::make_shared<KeepingSink>();
  const auto watch = (*playing)->watch_audio(sink);
  ASSERT_TRUE(sink->wait_for_frames(2));
  catalog.stop();
  EXPECT_EQ(sink->ended(), "it was stopped");
  EXPECT_EQ(open("test").error().code, base::Code::unavailable);
}

TEST_F(CatalogTest, LettingGoEndsThePlaying) {
  auto playing = open("test");
  const auto sink = std::make_shared<KeepingSink>();
  const auto watch = (*playing)->watch_video("low", Codec::vp8, sink);
  ASSERT_TRUE(sink->wait_for_frames(1));
  playing->reset();
  ASSERT_TRUE(sink->wait_for_end());
  EXPECT_TRUE(catalog.playings().empty());
  EXPECT_TRUE(open("test"));
}

TEST_F(CatalogTest, NamesThatStandForNothing) {
  EXPECT_EQ(open("nothing").error().code, base::Code::not_found);
  EXPECT_EQ(open("nothing", true).error().code, base::Code::not_found);
  EXPECT_EQ(open("").error().code, base::Code::invalid_argument);
  EXPECT_EQ(open(std::string(513, 'x')).error().code, base::Code::invalid_argument);
}

TEST_F(CatalogTest, WhatIsPublishedIsPassedOn) {
  std::atomic<int> asked = 0;
  auto publication = catalog.publish("stage", Codec::vp8, true, [&] { ++asked; });
  ASSERT_TRUE(publication);
  EXPECT_EQ(catalog.publish("stage", Codec::vp8, true, nullptr).error().code, base::Code::conflict);
  EXPECT_EQ(catalog.publish("test", Codec::vp8, true, nullptr).error().code,
            base::Code::invalid_argument);
  const auto playing = open("stage");
  ASSERT_TRUE(playing);
  EXPECT_EQ((*playing)->seek(1s).error().code, base::Code::conflict);
  EXPECT_EQ((*playing)->watch_video("source", Codec::h264, nullptr).error().code,
            base::Code::invalid_argument);
  const auto early = std::make_shared<KeepingSink>();
  const auto watch_early = (*playing)->watch_video("source", Codec::vp8, early);
  EXPECT_EQ(asked, 1);  // nothing to begin with: the publisher is asked, once a second at most
  (*playing)->request_key_frame("source", Codec::vp8);
  EXPECT_EQ(asked, 1);
  (*publication)->on_frame(frame(Codec::vp8, false, 0));
  EXPECT_EQ(early->count(), 0U);
  const auto key = frame(Codec::vp8, true, 3000);
  (*publication)->on_frame(key);
  (*publication)->on_frame(frame(Codec::vp8, false, 6000));
  const auto late = std::make_shared<KeepingSink>();
  const auto watch_late = (*playing)->watch_video("source", Codec::vp8, late);
  EXPECT_EQ(early->count(), 2U);
  ASSERT_EQ(late->count(), 2U);
  EXPECT_EQ(late->frames()[0], key);
  EXPECT_EQ((*playing)->info().video.at(0).width, 320);
  EXPECT_EQ((*playing)->info().video.at(0).frame_rate, 30);
  publication->reset();
  EXPECT_EQ(early->ended(), "the publisher has left");
  EXPECT_EQ(open("stage").error().code, base::Code::not_found);
  EXPECT_TRUE(catalog.publish("stage", Codec::h264, false, nullptr));
}

TEST_F(CatalogTest, WhoWatchesGoesOnWhenThePublisherComesBack) {
  auto first = catalog.publish("stage", Codec::vp8, true, nullptr);
  ASSERT_TRUE(first);
  EXPECT_FALSE((*first)->away());
  const auto playing = open("stage");
  const auto sink = std::make_shared<KeepingSink>();
  const auto watch = (*playing)->watch_video("source", Codec::vp8, sink);
  auto one = frame(Codec::vp8, true, 3000);
  one->due = clock.now();
  EXPECT_TRUE((*first)->on_frame(one));
  EXPECT_EQ(catalog.publish("stage", Codec::vp8, true, nullptr).error().code, base::Code::conflict)
      << "it is heard";
  const auto give_up = (*first)->leave();
  ASSERT_TRUE(give_up);
  EXPECT_EQ(*open("stage"), *playing) << "one may begin to wait for it";
  int asked = 0;
  const auto second = catalog.publish("stage", Codec::vp8, true, [&] { ++asked; });
  ASSERT_TRUE(second);
  EXPECT_TRUE((*second)->away());
  EXPECT_FALSE((*first)->on_frame(frame(Codec::vp8, true, 6000))) << "another has its place";
  auto late = frame(Codec::vp8, false, 77);
  late->due = one->due + 2s;
  EXPECT_TRUE((*second)->on_frame(late));
  EXPECT_EQ(sink->count(), 1U) << "nothing that needs what came before";
  EXPECT_EQ(asked, 1);
  auto key = frame(Codec::vp8, true, 77 + 3000);
  key->due = one->due + 2s;
  EXPECT_TRUE((*second)->on_frame(key));
  ASSERT_EQ(sink->count(), 2U);
  EXPECT_EQ(sink->frames()[1]->timestamp, 3000 + 2 * 90'000 + 3000) << "its times go on";
  int told = 0;
  give_up("late", [&] { ++told; });
  EXPECT_EQ(told, 0) << "somebody came back";
  (*second)->leave()("nobody came", [&] { ++told; });
  EXPECT_EQ(told, 1);
  EXPECT_EQ(sink->ended(), "nobody came");
}

TEST_F(CatalogTest, AnotherCodecIsAnotherStream) {
  auto first = catalog.publish("stage", Codec::vp8, false, nullptr);
  const auto playing = open("stage");
  const auto sink = std::make_shared<KeepingSink>();
  const auto watch = (*playing)->watch_video("source", Codec::vp8, sink);
  (void)(*first)->leave();
  const auto second = catalog.publish("stage", Codec::h264, false, nullptr);
  ASSERT_TRUE(second);
  EXPECT_EQ(sink->ended(), "the publisher came back with another codec");
  EXPECT_FALSE((*second)->away());
  EXPECT_NE(*open("stage"), *playing);
}

}  // namespace
}  // namespace telltale::media
