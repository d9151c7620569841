// Player, from the input to those who watch: what is read waits until it is due.
#include <algorithm>

#include "media/player.hpp"

namespace telltale::media {

namespace {

// What is between two pictures or packets when only one is known.
base::Duration interval_of(double frame_rate) {
  return base::Duration(static_cast<base::Duration::rep>(1e9 / std::max(1.0, frame_rate)));
}

std::size_t bytes_of(const AVFrame& frame) {
  std::size_t bytes = 0;
  for (const AVBufferRef* buffer : frame.buf)
    if (buffer != nullptr) bytes += static_cast<std::size_t>(buffer->size);
  return bytes;
}

}  // namespace

void Player::read(base::SteadyTime now) {
  if (input_ended_ && !begin_again()) return;
  input_->hurry(!waiting_.empty() ? now - timeline_.due(waiting_.begin()->first) > kLate
                                  : now - timeline_.due(video_read_) > kLate);
  std::vector<Unit> units;
  const auto more = input_->read(wanted_, units);
  if (!more) return finish(more.error().detail);
  for (auto& unit : units) std::visit([this](auto& one) { take(std::move(one)); }, unit);
  pass_units_ += units.size();
  if (*more) return;
  input_ended_ = true;
  if (info_.duration) {  // the last picture may be shown longer than most
    const auto end = timeline_.to_stream(*info_.duration);
    if (end > pass_end_ && end < pass_end_ + std::chrono::seconds(10)) pass_end_ = end;
  }
  if (pass_units_ == 0 && watched_ && waiting_.empty()) finish("nothing in it can be decoded");
}

bool Player::begin_again() {
  if (pass_end_ - pass_begin_ < kPassMin) {  // damaged: it would go round without getting on
    finish("its times are damaged");
    return false;
  }
  const auto landed = input_->seek(base::Duration::zero());
  if (!landed) {
    finish(landed.error().detail);
    return false;
  }
  timeline_.map(base::Duration::zero(), pass_end_);
  skip_before_ = {};
  video_read_ = audio_read_ = pass_begin_ = pass_end_;
  pass_units_ = 0;
  input_ended_ = false;
  ++counted_.loops;
  return true;
}

void Player::take(PictureUnit unit) {
  const auto stream = timeline_.to_stream(unit.at);
  pass_end_ = std::max(pass_end_, stream + interval_of(input_info_.frame_rate));
  video_read_ = std::max(video_read_, stream);
  if (unit.at < skip_before_ || !frame_rate_.take(stream)) return;
  const auto bytes = bytes_of(*unit.picture.frame);
  put(stream, bytes, std::move(unit.picture));
}

void Player::take(PacketUnit unit) {
  const bool video = unit.codec != Codec::opus;
  const auto stream = timeline_.to_stream(unit.at);
  const auto length =
      video ? interval_of(input_info_.frame_rate) : base::Duration(std::chrono::milliseconds(20));
  pass_end_ = std::max(pass_end_, stream + length);
  if (!video)
    audio_read_ = std::max(audio_read_, stream);
  else if (!wanted_.pictures)
    video_read_ = std::max(video_read_, stream);
  if (unit.at < skip_before_) return;
  const auto bytes = unit.bytes.size();
  put(stream, bytes, std::move(unit));
}

void Player::take(SoundUnit unit) {
  if (unit.at < skip_before_) {
    const auto skipped =
        static_cast<std::size_t>((skip_before_ - unit.at).count() * kAudioRate / 1'000'000'000);
    if (2 * skipped >= unit.samples.size()) return;
    unit.samples.erase(unit.samples.begin(),
                       unit.samples.begin() + static_cast<std::ptrdiff_t>(2 * skipped));
    unit.at = skip_before_;
  }
  const auto stream = timeline_.to_stream(unit.at);
  const auto samples = static_cast<std::int64_t>(unit.samples.size() / 2);
  const auto end = stream + base::Duration(samples * 1'000'000'000 / kAudioRate);
  pass_end_ = std::max(pass_end_, end);
  audio_read_ = std::max(audio_read_, end);
  if (!audio_encoder_) {
    auto opened = AudioEncoder::open();
    if (!opened) return finish(opened.error().detail);
    audio_encoder_.emplace(std::move(*opened));
  }
  auto encoded = audio_encoder_->encode(unit.samples, stream);
  if (!encoded) return finish(encoded.error().detail);
  for (auto& packet : *encoded) {
    const auto bytes = packet.bytes.size();
    put(packet.at, bytes,
        PacketUnit{.at = {}, .bytes = std::move(packet.bytes), .codec = Codec::opus, .key = true});
  }
}

void Player::put(base::Duration stream, std::size_t bytes, Waiting waiting) {
  waiting_bytes_ += bytes;
  waiting_.emplace(stream, std::pair(bytes, std::move(waiting)));
}

void Player::hand_over(base::SteadyTime now) {
  auto node = waiting_.extract(waiting_.begin());
  const auto stream = node.key();
  waiting_bytes_ -= node.mapped().first;
  auto late = now - timeline_.due(stream);
  // One straggler does not stop the rest: only when all that was read is late.
  if (late > kStall && timeline_.due(std::max(video_read_, audio_read_)) < now) {
    timeline_.shift(late);
    ++counted_.stalls;
    late = {};
  }
  if (auto* const picture = std::get_if<Picture>(&node.mapped().second))
    hand_over(stream, std::move(*picture), late);
  else
    hand_over(stream, std::move(std::get<PacketUnit>(node.mapped().second)));
}

void Player::hand_over(base::Duration stream, Picture picture, base::Duration late) {
  key_owed_ = rhythm_.take(stream) || key_owed_;
  if (late > kLate || stream <= picture_sent_) {
    ++counted_.late_pictures;
    return;
  }
  picture_sent_ = stream;
  for (const auto& lane : lanes_)
    lane->offer({.picture = picture,
                 .stream = stream,
                 .due = timeline_.due(stream),
                 .timestamp = timeline_.timestamp(stream, kVideoRate),
                 .key = key_owed_});
  key_owed_ = false;
  peek_ = false;
}

void Player::hand_over(base::Duration stream, PacketUnit packet) {
  const bool video = packet.codec != Codec::opus;
  auto& sent = video ? packet_sent_ : sound_sent_;
  stream = sent = std::max(sent, stream);
  auto frame = std::make_shared<Frame>();
  frame->bytes = std::move(packet.bytes);
  frame->codec = packet.codec;
  frame->key = packet.key;
  frame->timestamp = timeline_.timestamp(stream, video ? kVideoRate : kAudioRate);
  frame->due = timeline_.due(stream);
  frame->width = static_cast<std::uint16_t>(packet.size.width);
  frame->height = static_cast<std::uint16_t>(packet.size.height);
  (video ? source_ : audio_)->deliver(frame);
  if (video && !wanted_.pictures) peek_ = false;
}

}  // namespace telltale::media
