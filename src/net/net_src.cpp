// The one place where Beast's and Asio.SSL's separately compiled sources become code.
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
