// Films from files, by virtual time: passed through or encoded anew, what is shown is what is due.
#include <gmock/gmock.h>

#include "media/player.hpp"
#include "media/test_films.hpp"

namespace telltale::media {
namespace {

using namespace std::chrono_literals;
using testing_support::Driven;
using testing_support::Films;
using testing_support::open_film;
using testing_support::read_number;
using testing_support::StreamDecoder;

const std::string kPlain =
    "-c:v libx264 -preset ultrafast -bf 0 -g 30 -sc_threshold 0 -pix_fmt yuv420p -b:v 1M ";
const std::string kReordered =
    "-c:v libx264 -preset veryfast -bf 3 -b_strategy 0 -g 30 -pix_fmt yuv420p -b:v 1M ";

struct Shown {
  std::int64_t number = -1;
  std::uint32_t timestamp = 0;
  base::SteadyTime due;
  bool key = false;
};

std::vector<Shown> show(const std::vector<FramePtr>& frames) {
  std::vector<Shown> out;
  if (frames.empty()) return out;
  StreamDecoder decoder(frames[0]->codec);
  for (const auto& frame : frames) {
    const auto pictures = decoder.decode(*frame);
    EXPECT_EQ(pictures.size(), 1U);
    for (const auto& picture : pictures)
      out.push_back({read_number(*picture), frame->timestamp, frame->due, frame->key});
  }
  EXPECT_EQ(decoder.errors, 0);
  return out;
}

// Numbers follow each other (round `count`, a loop), timestamps too, and `due` says the same.
void expect_even(const std::vector<Shown>& shown, std::int64_t count) {
  for (std::size_t i = 1; i < shown.size(); ++i) {
    SCOPED_TRACE(i);
    ASSERT_EQ(shown[i].number, (shown[i - 1].number + 1) % count);
    const auto ticks = shown[i].timestamp - shown[i - 1].timestamp;
    ASSERT_NEAR(ticks, 3000, 100);
    ASSERT_NEAR(ticks / 90'000.0, base::to_seconds(shown[i].due - shown[i - 1].due), 0.0001);
  }
}

// ISO/IEC 14496-12, 8.3.2: the track header's matrix {a, b, u, c, d, v, x, y, w}.
std::string with_matrix(std::string film, const std::array<int, 4>& matrix) {
  const auto header = film.find("tkhd");
  EXPECT_NE(header, std::string::npos);
  const std::array<std::size_t, 4> places{0, 1, 3, 4};
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t byte = 0; byte < 4; ++byte) {
      const auto value = static_cast<std::uint32_t>(matrix[i] * 0x10000);
      film[header + 44 + places[i] * 4 + byte] = static_cast<char>(value >> (24 - 8 * byte));
    }
  return film;
}

class FilmTest : public testing::Test {
 protected:
  std::unique_ptr<Driven> drive(const std::string& path) {
    auto input = open_film(path);
    EXPECT_TRUE(input) << input.error().detail;
    return input ? std::make_unique<Driven>(std::move(*input)) : nullptr;
  }
  static std::vector<std::string> names(const PlayingInfo& info) {
    std::vector<std::string> out;
    out.reserve(info.video.size());
    for (const auto& one : info.video) out.push_back(one.name);
    return out;
  }
  Films films;
};

TEST_F(FilmTest, PassedThroughInALoop) {
  const auto driven = drive(films.make("a.mp4", kPlain + "-an"));
  const auto& info = driven->player.info();
  EXPECT_THAT(names(info), testing::Contains("source"));
  EXPECT_NEAR(base::to_seconds(*info.duration), 3, 0.05);
  const auto sink = driven->watch("source");
  driven->run(8s);
  const auto shown = show(sink->frames());
  ASSERT_GT(shown.size(), 230U);
  EXPECT_TRUE(shown[0].key);
  EXPECT_EQ(shown[0].number, 0);
  expect_even(shown, 90);
  for (const auto& frame : sink->frames())
    if (frame->key) EXPECT_EQ(frame->bytes.at(4) & 0x1F, 7);  // the sequence's parameters first
  EXPECT_EQ(driven->player.statistics().pictures_decoded, 0U);
  EXPECT_EQ(driven->player.statistics().loops, 2U);
}

TEST_F(FilmTest, ReorderedPicturesAreEncodedAnewInALoop) {
  const auto driven = drive(films.make("b.mp4", kReordered + "-c:a aac -shortest"));
  EXPECT_EQ(names(driven->player.info()), (std::vector<std::string>{"low", "medium"}));
  const auto sink = driven->watch("medium");
  driven->run(8s);
  const auto shown = show(sink->frames());
  ASSERT_GT(shown.size(), 200U);
  EXPECT_EQ(shown[0].number, 0);
  for (std::size_t i = 1; i < shown.size(); ++i) {
    ASSERT_EQ(shown[i].number, (shown[i - 1].number + 1) % 90) << i;
    // Sound may last a little longer than the pictures: the seam waits for it.
    ASSERT_NEAR((shown[i].timestamp - shown[i - 1].timestamp), 3000,
                shown[i].number == 0 ? 6000 : 100);
  }
}

TEST_F(FilmTest, WebmIsPassedThroughWithItsSound) {
  const auto driven = drive(films.make(
      "c.webm",
      "-c:v libvpx -deadline realtime -cpu-used 8 -g 30 -auto-alt-ref 0 -b:v 1M -c:a libopus"));
  const auto video = driven->watch("source", Codec::vp8);
  const auto audio = driven->listen();
  driven->run(2500ms);
  const auto shown = show(video->frames());
  ASSERT_GT(shown.size(), 65U);
  expect_even(shown, 90);
  const auto packets = audio->frames();
  ASSERT_GT(packets.size(), 110U);
  for (std::size_t i = 1; i < packets.size(); ++i)
    EXPECT_NEAR(packets[i]->timestamp - packets[i - 1]->timestamp, 960, 60);
  const auto counted = driven->player.statistics();
  EXPECT_EQ(counted.pictures_decoded, 0U);
  EXPECT_EQ(counted.decode_errors, 0U);
}

TEST_F(FilmTest, ASeekIsExactWhereItIsEncoded) {
  const auto driven = drive(films.make("d.mp4", kReordered + "-c:a aac", 150));
  const auto sink = driven->watch("medium");
  const auto audio = driven->listen();
  driven->run(1s);
  const auto before = sink->count();
  ASSERT_TRUE(driven->player.seek(3500ms));
  driven->run(1s);
  EXPECT_NEAR(base::to_seconds(driven->player.state().position), 4.44, 0.05);
  const auto shown = show(sink->frames());
  ASSERT_GT(shown.size(), before + 25);
  EXPECT_EQ(shown[before].number, 105);
  EXPECT_TRUE(shown[before].key);
  for (std::size_t i = 1; i < shown.size(); ++i) {
    if (i != before) EXPECT_EQ(shown[i].number, shown[i - 1].number + 1);
    EXPECT_LT(shown[i].timestamp - shown[i - 1].timestamp, 12'000U) << i;  // no gap at the seam
  }
  const auto packets = audio->frames();
  for (std::size_t i = 1; i < packets.size(); ++i)
    EXPECT_LT(packets[i]->timestamp - packets[i - 1]->timestamp, 960U * 8) << i;
  EXPECT_EQ(driven->player.seek(100s).error().code, base::Code::invalid_argument);
}

TEST_F(FilmTest, ASeekGoesToTheKeyFrameWhereItIsPassedThrough) {
  const auto driven = drive(films.make("e.mp4", kPlain + "-an", 150));
  const auto sink = driven->watch("source");
  driven->run(500ms);
  const auto before = sink->count();
  ASSERT_TRUE(driven->player.seek(3500ms));
  driven->run(500ms);
  const auto shown = show(sink->frames());
  ASSERT_GT(shown.size(), before);
  EXPECT_EQ(shown[before].number, 90);
  EXPECT_TRUE(shown[before].key);
}

TEST_F(FilmTest, APauseStopsAndGoesOnEvenly) {
  const auto driven = drive(films.make("f.mp4", kPlain + "-c:a aac", 150));
  const auto encoded = driven->watch("medium");
  const auto passed = driven->watch("source");
  driven->run(1s);
  driven->player.pause(true);
  driven->run(100ms);
  const auto before = encoded->count();
  const auto position = driven->player.state().position;
  driven->run(10s);
  EXPECT_EQ(encoded->count(), before);
  EXPECT_EQ(driven->player.state().position, position);
  const auto late = driven->watch("medium");  // sees where it stands
  EXPECT_GT(late->count(), 0U);
  ASSERT_TRUE(driven->player.seek(3s));  // and the picture one seeks to, at once
  driven->run(1s);
  EXPECT_EQ(encoded->count(), before + 1);
  EXPECT_EQ(show(encoded->frames()).back().number, 90);
  driven->player.pause(false);
  driven->run(1s);
  for (const auto& sink : {encoded, passed}) {
    const auto shown = show(sink->frames());
    ASSERT_GT(shown.size(), before + 20);
    for (std::size_t i = 1; i < shown.size(); ++i) {
      const auto seconds = (shown[i].timestamp - shown[i - 1].timestamp) / 90'000.0;
      EXPECT_NEAR(seconds, base::to_seconds(shown[i].due - shown[i - 1].due), 0.0001);
    }
    EXPECT_EQ(shown.back().number - shown[shown.size() - 20].number, 19);
  }
}

TEST_F(FilmTest, TheEndIsToldAndASeekPlaysOn) {
  const auto driven = drive(films.make("g.mp4", kReordered + "-an"));
  const auto sink = driven->watch("medium");
  driven->player.loop(false);
  driven->run(2900ms);
  EXPECT_FALSE(sink->ended());
  driven->run(1s);
  EXPECT_EQ(sink->ended(), "");
  EXPECT_EQ(sink->count(), 90U);
  EXPECT_TRUE(driven->player.state().ended);
  EXPECT_EQ(driven->player.watch_video("medium", Codec::h264, sink).error().code,
            base::Code::conflict);
  ASSERT_TRUE(driven->player.seek(0s));
  const auto again = driven->watch("medium");
  driven->run(1s);
  EXPECT_GT(again->count(), 20U);
  EXPECT_FALSE(driven->player.state().ended);
}

TEST_F(FilmTest, AnEncoderThatStartsLateStartsWhereTheFilmIs) {
  const auto path = films.make("j.mp4", kPlain + "-g 90 -an", 150);  // a key frame each 3 s
  const auto driven = drive(path);
  const auto passed = driven->watch("source");
  driven->run(2s);
  const auto late = driven->watch("medium");
  driven->run(1s);
  const auto shown = show(late->frames());
  ASSERT_GT(shown.size(), 20U);
  EXPECT_NEAR(static_cast<double>(shown[0].number), 60, 12);
  expect_even(shown, 150);
  EXPECT_LT(driven->player.statistics().late_pictures, 3U);
  // And it is at the same picture at the same time as what is passed through.
  const auto beside = show(passed->frames());
  for (const auto& one : beside)
    for (const auto& other : shown)
      if (one.number == other.number) EXPECT_EQ(one.timestamp, other.timestamp);
}

TEST_F(FilmTest, FlashAndBeepComeTogether) {
  const std::string webm = "-c:v libvpx -deadline realtime -cpu-used 8 -g 30 -b:v 1M ";
  for (const auto& [name, options, codec] :
       {std::tuple{"y.mp4", kReordered + "-c:a aac", Codec::h264},
        {"y.ts", kReordered + "-c:a mp2", Codec::vp8},
        {"y.webm", webm + "-c:a libopus", Codec::vp8},
        {"y.mkv", kReordered + "-c:a flac -ar 22050 -ac 1", Codec::h264}}) {
    SCOPED_TRACE(name);
    const auto driven = drive(films.make(name, options, 120));
    ASSERT_TRUE(driven);
    const auto video = driven->watch("medium", codec);
    const auto audio = driven->listen();
    driven->run(5s);  // over a loop
    ASSERT_TRUE(driven->player.seek(1500ms));
    driven->run(2s);
    testing_support::expect_together(video->frames(), audio->frames(), 6);
  }
}

// Times start anew at the seam, or jump far ahead: the film goes on.
TEST_F(FilmTest, JoinedRecordingsPlayThrough) {
  const auto first = Films::read(films.make("1.ts", kReordered + "-c:a mp2", 45));
  const auto later =
      Films::read(films.make("2.ts", kReordered + "-c:a mp2 -output_ts_offset 5000", 45));
  for (const auto& second : {first, later}) {
    const auto driven = drive(films.write("joined.ts", first + second));
    ASSERT_TRUE(driven);
    const auto sink = driven->watch("medium");
    const auto audio = driven->listen();
    driven->player.loop(false);
    driven->run(3500ms);
    const auto shown = show(sink->frames());
    EXPECT_GT(shown.size(), 80U);
    for (std::size_t i = 1; i < shown.size(); ++i)
      EXPECT_LT(shown[i].timestamp - shown[i - 1].timestamp, 30'000U) << i;
    EXPECT_GT(audio->count(), 130U);
    driven->run(20s);
    EXPECT_EQ(sink->ended(), "");
  }
}

TEST_F(FilmTest, TimesThatVaryAreKept) {
  const auto driven = drive(films.make(
      "h.mp4", "-vf select='lt(n\\,30)+not(mod(n\\,7))' -vsync vfr " + kReordered + "-an"));
  const auto sink = driven->watch("medium");
  driven->run(2800ms);
  const auto shown = show(sink->frames());
  ASSERT_GT(shown.size(), 36U);
  for (std::size_t i = 1; i < shown.size(); ++i)
    EXPECT_NEAR(shown[i].timestamp - shown[i - 1].timestamp,
                3000.0 * static_cast<double>(shown[i].number - shown[i - 1].number), 100)
        << i;
}

TEST_F(FilmTest, ATurnedFilmIsTurnedBack) {
  struct Turn {
    std::string filter;
    std::array<int, 4> matrix;  // as cameras write it
  };
  for (const auto& turn : {Turn{"transpose=2", {0, 1, -1, 0}}, Turn{"hflip,vflip", {-1, 0, 0, -1}},
                           Turn{"transpose=1", {0, -1, 1, 0}}, Turn{"hflip", {-1, 0, 0, 1}},
                           Turn{"vflip", {1, 0, 0, -1}}, Turn{"transpose=0", {0, 1, 1, 0}},
                           Turn{"transpose=3", {0, -1, -1, 0}}}) {
    SCOPED_TRACE(turn.filter);
    const auto plain = films.make("plain.mp4", "-vf " + turn.filter + " " + kPlain + "-an");
    const auto driven = drive(films.write("r.mp4", with_matrix(Films::read(plain), turn.matrix)));
    EXPECT_EQ(names(driven->player.info()),
              (std::vector<std::string>{"low", "medium"}));  // not as it is
    EXPECT_EQ(driven->player.info().video[0].width, 320);
    EXPECT_EQ(driven->player.info().video[0].height, 180);
    const auto sink = driven->watch("medium");
    driven->run(1s);
    const auto shown = show(sink->frames());
    ASSERT_GT(shown.size(), 20U);
    expect_even(shown, 90);
  }
}

TEST_F(FilmTest, FourKIsScaledDown) {
  const auto driven = drive(films.make(
      "k.mp4", "-vf scale=3840:2160:flags=neighbor -c:v libx264 -preset ultrafast -an", 6));
  EXPECT_EQ(names(driven->player.info()), (std::vector<std::string>{"low", "medium", "high"}));
  const auto sink = driven->watch("high");
  driven->run(150ms);
  const auto shown = show(sink->frames());
  ASSERT_GT(shown.size(), 2U);
  EXPECT_EQ(shown[0].number, 0);
  EXPECT_EQ(sink->frames()[0]->height, 1080);
}

TEST_F(FilmTest, SoundAlone) {
  for (const auto& [name, options] : {std::pair{"s.mp3", "-c:a libmp3lame"},
                                      {"s.flac", "-c:a flac"},
                                      {"s.wav", "-ar 44100"},
                                      {"s.ogg", "-c:a libvorbis"},
                                      {"s.opus", "-c:a libopus"},
                                      {"s.aac", "-c:a aac -ac 1"}}) {
    SCOPED_TRACE(name);
    const auto driven = drive(films.make_sound(name, options));
    ASSERT_TRUE(driven);
    EXPECT_TRUE(driven->player.info().video.empty());
    const auto sink = driven->listen();
    driven->run(5s);
    const auto packets = sink->frames();
    EXPECT_NEAR(static_cast<double>(packets.size()), 247, 6);
    StreamDecoder decoder(Codec::opus);
    for (const auto& packet : packets) EXPECT_FALSE(decoder.decode(*packet).empty());
    EXPECT_EQ(decoder.errors, 0);
  }
}

TEST_F(FilmTest, WhatVariesInItsContainers) {
  for (const auto& [name, options] :
       {std::pair{"v.ts", kReordered + "-c:a aac"},
        {"v.flv", kReordered + "-c:a aac"},
        {"v.mkv", kReordered + "-c:a flac"},
        {"v.avi", std::string("-c:v mpeg4 -q:v 2 -c:a mp3")},
        {"v.ogv", std::string("-c:v libtheora -q:v 9 -c:a libvorbis")},
        {"v.h264", "-bf 0 " + kPlain + "-an"},
        {"v.ivf", std::string("-c:v libvpx -deadline realtime -cpu-used 8 -b:v 1M -an")},
        {"v.mov", std::string("-c:v mjpeg -q:v 2 -pix_fmt yuvj420p -c:a pcm_s16le")}}) {
    SCOPED_TRACE(name);
    const auto driven = drive(films.make(name, options));
    ASSERT_TRUE(driven);
    const auto sink = driven->watch("medium");
    const auto audio = driven->player.info().audio ? driven->listen() : nullptr;
    driven->run(2s);
    const auto shown = show(sink->frames());
    ASSERT_GT(shown.size(), 50U);
    for (std::size_t i = 1; i < shown.size(); ++i) {
      ASSERT_EQ(shown[i].number, shown[i - 1].number + 1);
      // AVI has no times but the order of its packets: its decoder finds out one picture late.
      if (i > 1 || std::string_view(name) != "v.avi")
        ASSERT_NEAR(shown[i].timestamp - shown[i - 1].timestamp, 3000, 100) << i;
    }
    if (audio) EXPECT_GT(audio->count(), 85U);
    driven->run(3s);  // and again
    EXPECT_EQ(driven->player.statistics().loops, 1U);
  }
}

}  // namespace
}  // namespace telltale::media
