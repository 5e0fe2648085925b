//! Values that are one of a few.

use std::fmt;

use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::number::Port;

/// What enforces a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum Level {
    /// The policy in front of a careful start; what the program does then is its own affair.
    #[default]
    Filter,
    /// The kernel, for the program and all that it starts; without any privilege.
    Confine,
    /// Namespaces and control groups as well.
    Isolate,
}

impl Level {
    /// Every level, the weakest first.
    pub const ALL: [Level; 3] = [Level::Filter, Level::Confine, Level::Isolate];

    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Level::Filter => "filter",
            Level::Confine => "confine",
            Level::Isolate => "isolate",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether modes, owners, times and extended attributes of files may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Metadata {
    /// Wherever the user may.
    #[default]
    Allow,
    /// Nowhere, not in the workspaces either: `git init`, `tar`, `install` and virtual environments break.
    Deny,
}

impl Metadata {
    const ALL: [Metadata; 2] = [Metadata::Allow, Metadata::Deny];

    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Metadata::Allow => "allow",
            Metadata::Deny => "deny",
        }
    }
}

macro_rules! named {
    ($type:ident, $expected:literal) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                struct Named;
                impl Visitor<'_> for Named {
                    type Value = $type;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expected)
                    }

                    fn visit_str<E: de::Error>(self, name: &str) -> Result<$type, E> {
                        let found = $type::ALL.iter().find(|known| known.as_str() == name);
                        found.copied().ok_or_else(|| E::invalid_value(de::Unexpected::Str(name), &self))
                    }
                }
                deserializer.deserialize_any(Named)
            }
        }
    };
}

named!(Level, "filter, confine or isolate");
named!(Metadata, "allow or deny");

/// Which connections may be made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Network {
    /// None.
    None,
    /// Any.
    Open,
    /// TCP alone, to and on these ports of any address.
    Ports {
        /// Ports to connect to.
        connect: Vec<u16>,
        /// Ports to listen on.
        bind: Vec<u16>,
    },
    /// To these hosts by name; `isolate` alone can.
    Hosts(Vec<String>),
}

impl Network {
    /// Whether it is less than everything.
    pub fn is_restricted(&self) -> bool {
        *self != Network::Open
    }
}

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Network::None => serializer.serialize_str("none"),
            Network::Open => serializer.serialize_str("open"),
            Network::Ports { connect, bind } => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("connect", connect)?;
                map.serialize_entry("bind", bind)?;
                map.end()
            }
            Network::Hosts(hosts) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("hosts", hosts)?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Network, D::Error> {
        struct Shape;
        impl<'de> Visitor<'de> for Shape {
            type Value = Network;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("none, open, { connect: [ports], bind: [ports] } or { hosts: [names] }")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Network, E> {
                match name {
                    "none" => Ok(Network::None),
                    "open" => Ok(Network::Open),
                    _ => Err(E::invalid_value(de::Unexpected::Str(name), &self)),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Network, A::Error> {
                let (mut connect, mut bind, mut hosts): (Vec<Port>, Vec<Port>, Option<Vec<String>>) =
                    Default::default();
                let mut ports = false;
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "connect" => connect = map.next_value()?,
                        "bind" => bind = map.next_value()?,
                        "hosts" => hosts = Some(map.next_value()?),
                        _ => return Err(de::Error::unknown_field(&key, &["connect", "bind", "hosts"])),
                    }
                    ports |= key != "hosts";
                }
                let numbers = |ports: Vec<Port>| ports.into_iter().map(|Port(port)| port).collect();
                match hosts {
                    Some(_) if ports => Err(de::Error::custom("expected either ports or hosts, got both")),
                    Some(hosts) => Ok(Network::Hosts(hosts)),
                    None => Ok(Network::Ports { connect: numbers(connect), bind: numbers(bind) }),
                }
            }
        }
        deserializer.deserialize_any(Shape)
    }
}

/// Which sockets of the file system may be connected to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum UnixSockets {
    /// None (`false`).
    None,
    /// Any that the user may (`true`).
    All,
    /// Those below these places; needs Linux 7.1.
    At(Vec<String>),
}

impl Serialize for UnixSockets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            UnixSockets::None => serializer.serialize_bool(false),
            UnixSockets::All => serializer.serialize_bool(true),
            UnixSockets::At(paths) => paths.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for UnixSockets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<UnixSockets, D::Error> {
        struct Shape;
        impl<'de> Visitor<'de> for Shape {
            type Value = UnixSockets;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false or an array of places")
            }

            fn visit_bool<E: de::Error>(self, all: bool) -> Result<UnixSockets, E> {
                Ok(if all { UnixSockets::All } else { UnixSockets::None })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut places: A) -> Result<UnixSockets, A::Error> {
                let mut paths = Vec::new();
                while let Some(path) = places.next_element()? {
                    paths.push(path);
                }
                Ok(UnixSockets::At(paths))
            }
        }
        deserializer.deserialize_any(Shape)
    }
}
