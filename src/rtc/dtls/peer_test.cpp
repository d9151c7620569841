// A real peer: the openssl program of Debian as client and as server, over UDP on loopback.
#include <csignal>
#include <fstream>
#include <iterator>

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/encoding.hpp"
#include "rtc/dtls/testing.hpp"

namespace telltale::rtc::dtls {
namespace {

constexpr auto kPatience = 20s;

// A UDP socket on loopback; `connect` fixes the peer, else the first who sends is it.
class Socket {
 public:
  Socket() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    auto here = address(0);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&here), sizeof here), 0);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { ::close(fd_); }

  std::uint16_t port() const {
    sockaddr_in here{};
    socklen_t size = sizeof here;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&here), &size);
    return ntohs(here.sin_port);
  }
  void connect(std::uint16_t port) { peer_ = address(port); }
  void send(std::span<const std::uint8_t> datagram) {
    ::sendto(fd_, datagram.data(), datagram.size(), 0, reinterpret_cast<sockaddr*>(&peer_),
             sizeof peer_);
  }
  std::optional<Bytes> receive(base::Duration at_most) {
    pollfd wait{.fd = fd_, .events = POLLIN};
    const auto ms = std::max(at_most / 1ms, std::chrono::nanoseconds::rep{0}) + 1;
    if (::poll(&wait, 1, static_cast<int>(ms)) <= 0) return {};
    Bytes datagram(65'536);
    socklen_t size = sizeof peer_;
    const auto got = ::recvfrom(fd_, datagram.data(), datagram.size(), 0,
                                reinterpret_cast<sockaddr*>(&peer_), &size);
    if (got < 0) return {};  // nobody there yet
    datagram.resize(static_cast<std::size_t>(got));
    return datagram;
  }

 private:
  static sockaddr_in address(std::uint16_t port) {
    return {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  }
  int fd_;
  sockaddr_in peer_ = {};
};

// The openssl program, with its input from us and its output in a file.
class OpenSsl {
 public:
  explicit OpenSsl(std::vector<std::string> arguments) {
    std::array<int, 2> pipe{};
    EXPECT_EQ(::pipe(pipe.data()), 0);
    input_ = pipe[1];
    output_ = ::testing::TempDir() + "/dtls_peer_" + std::to_string(::getpid());
    posix_spawn_file_actions_t actions{};
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, pipe[0], 0);
    ::posix_spawn_file_actions_addclose(&actions, pipe[1]);
    ::posix_spawn_file_actions_addopen(&actions, 1, output_.c_str(), O_CREAT | O_TRUNC | O_WRONLY,
                                       0600);
    ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
    arguments.insert(arguments.begin(), "openssl");
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    EXPECT_EQ(::posix_spawnp(&pid_, "openssl", &actions, nullptr, argv.data(), environ), 0);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(pipe[0]);
  }
  OpenSsl(const OpenSsl&) = delete;
  OpenSsl& operator=(const OpenSsl&) = delete;
  ~OpenSsl() {
    ::close(input_);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    ::unlink(output_.c_str());
  }
  void type(std::string_view text) const {
    EXPECT_EQ(::write(input_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  std::string output() const {
    std::ifstream file(output_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  int input_ = -1;
  pid_t pid_ = -1;
  std::string output_;
};

// A certificate and its key as PEM files for the program.
struct Identity {
  explicit Identity(const Certificate& certificate)
      : Identity(certificate.x509(), certificate.key()) {}
  Identity(X509& x509, EVP_PKEY& key)
      : certificate_path(::testing::TempDir() + "/dtls_cert_" + std::to_string(::getpid())),
        key_path(::testing::TempDir() + "/dtls_key_" + std::to_string(::getpid())) {
    auto* file = std::fopen(certificate_path.c_str(), "we");
    ::PEM_write_X509(file, &x509);
    std::fclose(file);
    file = std::fopen(key_path.c_str(), "we");
    ::PEM_write_PrivateKey(file, &key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
  }
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;
  ~Identity() {
    ::unlink(certificate_path.c_str());
    ::unlink(key_path.c_str());
  }
  std::string certificate_path;
  std::string key_path;
};

// Real time and a socket around a connection, until `done`.
template <class Done>
void pump(End& end, Socket& socket, Done&& done) {
  const base::SystemClock clock;
  const auto until = clock.now() + kPatience;
  auto& connection = *end.connection;
  while (!done() && clock.now() < until) {
    for (const auto& datagram : std::exchange(end.out, {})) socket.send(datagram);
    auto wait = until - clock.now();
    if (const auto next = connection.next_deadline()) wait = std::min(wait, *next - clock.now());
    wait = std::min<base::Duration>(wait, 50ms);
    if (const auto datagram = socket.receive(wait)) connection.on_datagram(*datagram, clock.now());
    connection.on_timeout(clock.now());
  }
  for (const auto& datagram : std::exchange(end.out, {})) socket.send(datagram);
}

// What `-keymatexport` printed: hexadecimal digits after this label.
std::string exported_by(const OpenSsl& program) {
  const auto output = program.output();
  constexpr std::string_view kBefore = "Keying material: ";
  const auto at = output.find(kBefore);
  if (at == std::string::npos) return {};
  const auto from = at + kBefore.size();
  const auto end = output.find_first_not_of("0123456789ABCDEF", from);
  if (end == std::string::npos) return {};
  return output.substr(from, end - from);
}

std::string hex(std::span<const std::uint8_t> bytes) {
  auto text = base::hex_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  for (auto& c : text) c = static_cast<char>(std::toupper(c));
  return text;
}

const std::vector<std::string> kExport = {"-keymatexport", "EXTRACTOR-dtls_srtp",
                                          "-keymatexportlen", "56"};

class DtlsPeer : public ::testing::Test {
 protected:
  DtlsPeer() : identity_(certificate_) { std::signal(SIGPIPE, SIG_IGN); }

  void open(Role role) { open(role, certificate_.fingerprint()); }
  void open(Role role, const Fingerprint& peer) {
    auto made = Connection::open(context_, {.role = role, .peer_fingerprints = {peer}}, end_,
                                 base::SystemClock().now());
    ASSERT_TRUE(made);
    end_.connection = std::move(*made);
  }
  std::vector<std::string> options(std::vector<std::string> more) const {
    more.insert(more.end(),
                {"-dtls1_2", "-cert", identity_.certificate_path, "-key", identity_.key_path,
                 "-use_srtp", "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM"});
    more.insert(more.end(), kExport.begin(), kExport.end());
    return more;
  }
  bool connected() const { return end_.connection->state() != State::handshaking; }

  Certificate certificate_ = make_certificate();
  Context context_ = make_context();
  Identity identity_;
  Socket socket_ = {};
  End end_ = {};
};

TEST_F(DtlsPeer, OpensslAsClient) {
  open(Role::server);
  const OpenSsl program(
      options({"s_client", "-connect", "127.0.0.1:" + std::to_string(socket_.port())}));
  pump(end_, socket_, [&] { return connected(); });
  ASSERT_TRUE(end_.keys) << (end_.error ? end_.error->detail : "no answer") << program.output();
  EXPECT_EQ(end_.keys->profile, SrtpProfile::aead_aes_128_gcm) << "the server's choice";
  program.type("hello from openssl\n");
  pump(end_, socket_, [&] { return !end_.received.empty(); });
  ASSERT_EQ(end_.received, std::vector<Bytes>{bytes_of("hello from openssl\n")});
  ASSERT_TRUE(end_.connection->send(bytes_of("hello back\n"), base::SystemClock().now()));
  pump(end_, socket_, [&] { return program.output().contains("hello back"); });
  EXPECT_TRUE(program.output().contains("hello back"));
  // client key, server key, client salt, server salt
  EXPECT_EQ(exported_by(program), hex(end_.keys->receive.key()) + hex(end_.keys->send.key()) +
                                      hex(end_.keys->receive.salt()) + hex(end_.keys->send.salt()));
  program.type("Q\n");
  pump(end_, socket_, [&] { return end_.closed != 0; });
  EXPECT_EQ(end_.closed, 1);
  EXPECT_FALSE(end_.error) << end_.error->detail;
}

TEST_F(DtlsPeer, OpensslAsServer) {
  open(Role::client);
  std::uint16_t port = 0;
  {
    const Socket free;
    port = free.port();
  }
  const OpenSsl program(
      options({"s_server", "-accept", "127.0.0.1:" + std::to_string(port), "-Verify", "1"}));
  socket_.connect(port);
  end_.connection->start(base::SystemClock().now());
  pump(end_, socket_, [&] { return connected(); });
  ASSERT_TRUE(end_.keys) << (end_.error ? end_.error->detail : "no answer") << program.output();
  ASSERT_TRUE(end_.connection->send(bytes_of("from us\n"), base::SystemClock().now()));
  pump(end_, socket_, [&] { return program.output().contains("from us"); });
  EXPECT_TRUE(program.output().contains("from us"));
  program.type("from openssl\n");
  pump(end_, socket_, [&] { return !end_.received.empty(); });
  EXPECT_EQ(end_.received, std::vector<Bytes>{bytes_of("from openssl\n")});
  end_.connection->close(base::SystemClock().now());
  pump(end_, socket_, [&] { return program.output().contains("DONE"); });
  EXPECT_TRUE(program.output().contains("DONE")) << program.output();
}

// What peers certify themselves with beside P-256: OpenSSL is asked for few kinds of keys only
// (crypto_library.hpp).
struct KindOfKey {
  const char* name;
  KeyPtr (*make)();
  const EVP_MD* (*digest)();  // it is signed with
};
class DtlsPeerWithKey : public DtlsPeer, public ::testing::WithParamInterface<KindOfKey> {};

TEST_P(DtlsPeerWithKey, IsRead) {
  const auto key = GetParam().make();
  const X509Ptr x509(::X509_new());
  ASSERT_TRUE(key && x509);
  ::X509_gmtime_adj(::X509_getm_notBefore(x509.get()), 0);
  ::X509_gmtime_adj(::X509_getm_notAfter(x509.get()), 86'400);
  ASSERT_EQ(::X509_set_pubkey(x509.get(), key.get()), 1);
  ASSERT_GT(::X509_sign(x509.get(), key.get(), GetParam().digest()), 0);
  const Identity identity(*x509, *key);
  open(Role::server, *Fingerprint::of(*x509, "sha-256"));
  const OpenSsl program({"s_client", "-connect", "127.0.0.1:" + std::to_string(socket_.port()),
                         "-dtls1_2", "-cert", identity.certificate_path, "-key", identity.key_path,
                         "-use_srtp", "SRTP_AEAD_AES_128_GCM"});
  pump(end_, socket_, [&] { return connected(); });
  EXPECT_TRUE(end_.keys) << (end_.error ? end_.error->detail : "no answer") << program.output();
}
INSTANTIATE_TEST_SUITE_P(
    Kinds, DtlsPeerWithKey,
    ::testing::Values(KindOfKey{"RSA", [] { return KeyPtr(::EVP_RSA_gen(2048)); }, ::EVP_sha256},
                      KindOfKey{"P384", [] { return KeyPtr(::EVP_EC_gen("P-384")); }, ::EVP_sha256},
                      KindOfKey{
                          "Ed25519",
                          [] { return KeyPtr(::EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); },
                          []() -> const EVP_MD* { return nullptr; }}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(DtlsPeer, OpensslWithoutSrtpIsRefused) {
  open(Role::server);
  const OpenSsl program({"s_client", "-dtls1_2", "-connect",
                         "127.0.0.1:" + std::to_string(socket_.port()), "-cert",
                         identity_.certificate_path, "-key", identity_.key_path});
  pump(end_, socket_, [&] { return connected(); });
  ASSERT_TRUE(end_.error);
  EXPECT_TRUE(end_.error->detail.contains("no SRTP profile")) << end_.error->detail;
  pump(end_, socket_, [&] { return program.output().contains("alert handshake failure"); });
  EXPECT_TRUE(program.output().contains("alert handshake failure")) << program.output();
}

TEST_F(DtlsPeer, OpensslWithoutACertificateIsRefused) {
  open(Role::server);
  const OpenSsl program({"s_client", "-dtls1_2", "-connect",
                         "127.0.0.1:" + std::to_string(socket_.port()), "-use_srtp",
                         "SRTP_AEAD_AES_128_GCM"});
  pump(end_, socket_, [&] { return connected(); });
  ASSERT_TRUE(end_.error);
  EXPECT_TRUE(end_.error->detail.contains("peer did not return a certificate"))
      << end_.error->detail;
}

}  // namespace
}  // namespace telltale::rtc::dtls
